import type { RegisterTaskDefinitionCommandOutput } from "@aws-sdk/client-ecs";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { lowerCamel, unlessGone } from "./supported-properties.ts";

/** Maps whose keys are the user's own. */
const ownKeys = ["dockerLabels", "options", "labels", "driverOpts"];

export function ecsTaskDefinitionProvider(call: ServiceCall): ResourceProvider {
  return {
    type: "AWS::ECS::TaskDefinition",
    async create({ properties, generatedName }) {
      const { Family, Tags, ...rest } = properties;
      const tags = (Tags as { Key: string; Value: string }[] | undefined)?.map(({ Key, Value }) => ({
        key: Key,
        value: Value,
      }));
      const { taskDefinition } = await call<RegisterTaskDefinitionCommandOutput>("ecs", "RegisterTaskDefinition", {
        ...(lowerCamel(rest, ownKeys) as object),
        family: String(Family ?? generatedName),
        ...(tags === undefined ? {} : { tags }),
      });
      const arn = taskDefinition?.taskDefinitionArn ?? "";
      return { physicalId: arn, attributes: { TaskDefinitionArn: arn } };
    },
    delete: ({ physicalId }) =>
      unlessGone(call("ecs", "DeregisterTaskDefinition", { taskDefinition: physicalId }), "ClientException"),
  };
}
