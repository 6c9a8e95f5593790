import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { supportOnly, unlessGone } from "./supported-properties.ts";

export function logGroupProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::Logs::LogGroup";
  return {
    type,
    async create({ properties, generatedName, account, region }) {
      supportOnly(type, properties, ["LogGroupName", "RetentionInDays"]);
      const name = String(properties.LogGroupName ?? generatedName);
      await call("logs", "CreateLogGroup", { logGroupName: name });
      const { RetentionInDays: days } = properties;
      if (days !== undefined) await call("logs", "PutRetentionPolicy", { logGroupName: name, retentionInDays: days });
      return { physicalId: name, attributes: { Arn: `arn:aws:logs:${region}:${account}:log-group:${name}:*` } };
    },
    delete: ({ physicalId }) =>
      unlessGone(call("logs", "DeleteLogGroup", { logGroupName: physicalId }), "ResourceNotFoundException"),
  };
}
