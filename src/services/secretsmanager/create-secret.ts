import type * as Sdk from "@aws-sdk/client-secrets-manager";
import type { CallContext } from "../../aws-api/service.ts";
import { addVersion, type SecretRecord } from "./secret.ts";
import { hasValue, resolveVersion, type ValueDeps } from "./secret-value.ts";
import { secretsManagerError, unsupported } from "./secretsmanager-error.ts";
import { arnPrefix, type SecretStore } from "./secretsmanager-store.ts";

export function createSecret(
  deps: ValueDeps & { newSuffix(): string },
  secrets: SecretStore,
  input: Sdk.CreateSecretCommandInput,
  context: CallContext,
): Sdk.CreateSecretResponse {
  const { Name: name = "" } = input;
  checkCreateInput(input);
  const existing = secrets.find(name, context);
  const resolved = hasValue(input) ? resolveVersion(deps, input, existing) : undefined;
  if (existing !== undefined) {
    // The same token with the same value is a second try of the same creation.
    if (resolved?.isNew === false && existing.deletion === undefined) {
      return { ARN: existing.arn, Name: name, VersionId: resolved.version.id };
    }
    throw nameTaken(existing);
  }
  const now = deps.now().getTime();
  const secret: SecretRecord = {
    name,
    arn: `${arnPrefix(context)}${name}-${deps.newSuffix()}`,
    region: context.region,
    created: now,
    lastChanged: now,
    tags: input.Tags ?? [],
    versions: [],
    ...(input.Description !== undefined && { description: input.Description }),
  };
  if (resolved !== undefined) addVersion(secret, resolved.version, ["AWSCURRENT"]);
  secrets.put(secret);
  return { ARN: secret.arn, Name: name, ...(resolved && { VersionId: resolved.version.id }) };
}

function checkCreateInput({ Name: name = "", KmsKeyId, AddReplicaRegions, Type }: Sdk.CreateSecretCommandInput): void {
  if (!/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) {
    const message =
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
    throw secretsManagerError("ValidationException", message);
  }
  if (KmsKeyId !== undefined && KmsKeyId !== "alias/aws/secretsmanager") {
    throw unsupported("KmsKeyId of CreateSecret");
  }
  if ((AddReplicaRegions ?? []).length > 0) throw unsupported("AddReplicaRegions of CreateSecret");
  if (Type !== undefined) throw unsupported("Type of CreateSecret");
}

function nameTaken({ name, deletion }: SecretRecord) {
  return deletion === undefined
    ? secretsManagerError("ResourceExistsException", `The operation failed because the secret ${name} already exists.`)
    : secretsManagerError(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
}
