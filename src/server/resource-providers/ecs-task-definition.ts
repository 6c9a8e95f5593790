import type { RegisterTaskDefinitionCommandOutput } from "@aws-sdk/client-ecs";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { toApiShape } from "./api-shape.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { unlessGone } from "./whole-resource.ts";

export function ecsTaskDefinitionProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::ECS::TaskDefinition";
  return {
    type,
    async create({ properties, generatedName }) {
      const input = toApiShape(type, { ...properties, Family: properties.Family ?? generatedName });
      const { taskDefinition } = await call<RegisterTaskDefinitionCommandOutput>(
        "ecs",
        "RegisterTaskDefinition",
        input,
      );
      const arn = taskDefinition?.taskDefinitionArn ?? "";
      return { physicalId: arn, attributes: { TaskDefinitionArn: arn } };
    },
    // A revision never goes wholly, it becomes INACTIVE; ClientException says that it is so, or was never there.
    delete: ({ physicalId }) =>
      unlessGone(call("ecs", "DeregisterTaskDefinition", { taskDefinition: physicalId }), "ClientException"),
  };
}
