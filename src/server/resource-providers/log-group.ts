import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { onlyAs, otherThan } from "./unsupported-properties.ts";
import { completeResource, type Tag, unlessGone } from "./whole-resource.ts";

export function logGroupProvider(call: ServiceCall): ResourceProvider {
  const supported = otherThan("LogGroupName", "RetentionInDays", "Tags", "LogGroupClass");
  return {
    type: "AWS::Logs::LogGroup",
    findUnsupported: (properties) => [...supported(properties), ...onlyAs(properties, "LogGroupClass", ["STANDARD"])],
    async create({ properties, generatedName, account, region }) {
      const logGroupName = String(properties.LogGroupName ?? generatedName);
      const { RetentionInDays: retentionInDays, Tags } = properties;
      const tags = Object.fromEntries(((Tags ?? []) as Tag[]).map(({ Key, Value }) => [Key, Value]));
      await call("logs", "CreateLogGroup", { logGroupName, ...(Tags !== undefined && { tags }) });
      const setRetention = async () => {
        if (retentionInDays !== undefined) await call("logs", "PutRetentionPolicy", { logGroupName, retentionInDays });
      };
      await completeResource(setRetention, () => call("logs", "DeleteLogGroup", { logGroupName }));
      const arn = `arn:aws:logs:${region}:${account}:log-group:${logGroupName}:*`;
      return { physicalId: logGroupName, attributes: { Arn: arn } };
    },
    delete: ({ physicalId }) =>
      unlessGone(call("logs", "DeleteLogGroup", { logGroupName: physicalId }), "ResourceNotFoundException"),
  };
}
