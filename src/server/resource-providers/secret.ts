import type { CreateSecretCommandOutput, GetRandomPasswordCommandOutput } from "@aws-sdk/client-secrets-manager";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { otherThan } from "./unsupported-properties.ts";
import { unlessGone } from "./whole-resource.ts";

export function secretProvider(call: ServiceCall): ResourceProvider {
  const supported = otherThan("Name", "Description", "SecretString", "GenerateSecretString", "Tags");
  return {
    type: "AWS::SecretsManager::Secret",
    findUnsupported: (properties) => [
      ...supported(properties),
      ...(properties.SecretString !== undefined && properties.GenerateSecretString !== undefined
        ? [{ path: "/GenerateSecretString", reason: "give either SecretString or GenerateSecretString" }]
        : []),
    ],
    async create({ properties, generatedName }) {
      const { GenerateSecretString: generation, ...rest } = properties;
      const generated =
        generation === undefined ? {} : { SecretString: await generateSecret(call, generation as Generation) };
      const input = { Name: generatedName, ...rest, ...generated };
      const { ARN = "" } = await call<CreateSecretCommandOutput>("secretsmanager", "CreateSecret", input);
      return { physicalId: ARN, attributes: { Id: ARN } };
    },
    delete({ physicalId }) {
      const input = { SecretId: physicalId, ForceDeleteWithoutRecovery: true };
      return unlessGone(call("secretsmanager", "DeleteSecret", input), "ResourceNotFoundException");
    },
  };
}

interface Generation extends Record<string, unknown> {
  SecretStringTemplate?: string;
  GenerateStringKey?: string;
}

/** A random password, alone or as one more key of a JSON object. */
async function generateSecret(call: ServiceCall, generation: Generation): Promise<string> {
  const { SecretStringTemplate: template, GenerateStringKey: key, ...input } = generation;
  if ((template === undefined) !== (key === undefined)) {
    const message = "You must specify both SecretStringTemplate and GenerateStringKey, or neither.";
    throw new AwsError("InvalidRequestException", message);
  }
  const output = await call<GetRandomPasswordCommandOutput>("secretsmanager", "GetRandomPassword", input);
  const password = output.RandomPassword ?? "";
  return template === undefined || key === undefined ? password : addKey(template, key, password);
}

function addKey(template: string, key: string, password: string): string {
  try {
    const value: unknown = JSON.parse(template);
    if (typeof value === "object" && value !== null) return JSON.stringify({ ...value, [key]: password });
  } catch {
    // Refused below, without the text: it may hold a secret.
  }
  throw new AwsError("InvalidRequestException", "Could not parse SecretStringTemplate JSON.");
}
