import type { CreateSecretCommandOutput } from "@aws-sdk/client-secrets-manager";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { supportOnly, unlessGone } from "./supported-properties.ts";

export function secretProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::SecretsManager::Secret";
  return {
    type,
    async create({ properties, generatedName }) {
      supportOnly(type, properties, ["Name", "Description", "SecretString", "Tags"]);
      const { ARN } = await call<CreateSecretCommandOutput>("secretsmanager", "CreateSecret", {
        Name: generatedName,
        ...properties,
      });
      return { physicalId: ARN ?? "", attributes: { Id: ARN ?? "" } };
    },
    delete: ({ physicalId }) =>
      unlessGone(
        call("secretsmanager", "DeleteSecret", { SecretId: physicalId, ForceDeleteWithoutRecovery: true }),
        "ResourceNotFoundException",
      ),
  };
}
