import type { GetParameterCommandOutput } from "@aws-sdk/client-ssm";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { onlyAs, otherThan } from "./unsupported-properties.ts";
import { unlessGone } from "./whole-resource.ts";

/** CloudFormation makes no SecureString: its property Type does not have it. */
export function ssmParameterProvider(call: ServiceCall): ResourceProvider {
  const supported = otherThan("Name", "Type", "Value", "Description", "AllowedPattern", "DataType", "Tier", "Tags");
  return {
    type: "AWS::SSM::Parameter",
    findUnsupported: (properties) => [...supported(properties), ...onlyAs(properties, "DataType", ["text"])],
    async create({ properties, generatedName }) {
      const { Tags, ...rest } = properties;
      const tags = Object.entries((Tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));
      const input = { Name: generatedName, ...rest, ...(tags.length > 0 && { Tags: tags }) };
      await call("ssm", "PutParameter", input);
      const { Parameter } = await call<GetParameterCommandOutput>("ssm", "GetParameter", { Name: input.Name });
      return {
        physicalId: String(input.Name),
        attributes: { Type: Parameter?.Type ?? "", Value: Parameter?.Value ?? "" },
      };
    },
    delete: ({ physicalId }) => unlessGone(call("ssm", "DeleteParameter", { Name: physicalId }), "ParameterNotFound"),
  };
}
