import type * as Sdk from "@aws-sdk/client-secrets-manager";
import type { Operations } from "../../aws-api/service.ts";
import { moveStage, type SecretRecord, type SecretVersionRecord } from "./secret.ts";
import type { createSecretPermissions } from "./secret-permission.ts";
import { secretsManagerError } from "./secretsmanager-error.ts";
import type { SecretStore } from "./secretsmanager-store.ts";

export function stageOperations(
  secrets: SecretStore,
  on: ReturnType<typeof createSecretPermissions>,
): Operations<typeof Sdk> {
  return {
    UpdateSecretVersionStage: {
      permissions: on("UpdateSecretVersionStage"),
      run(input, context) {
        const { VersionStage: stage = "", MoveToVersionId: to, RemoveFromVersionId: from } = input;
        const secret = secrets.getUsable(input.SecretId, context);
        const target = to === undefined ? undefined : getVersion(secret, to);
        const holder = secret.versions.find(({ stages }) => stages.includes(stage));
        if (holder !== target && holder?.id !== from) throw wrongHolder(stage, holder);
        if (stage === "AWSCURRENT" && target === undefined) {
          const message =
            "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.";
          throw secretsManagerError("InvalidParameterException", message);
        }
        moveStage(secret, stage, target);
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name };
      },
    },
  };
}

function getVersion(secret: SecretRecord, id: string): SecretVersionRecord {
  const version = secret.versions.find((other) => other.id === id);
  if (version !== undefined) return version;
  const message = `Secrets Manager can't find the specified secret value for VersionId: ${id}`;
  throw secretsManagerError("ResourceNotFoundException", message);
}

function wrongHolder(stage: string, holder: SecretVersionRecord | undefined) {
  const message =
    holder === undefined
      ? `The parameter RemoveFromVersionId can't be set: staging label ${stage} isn't currently attached to any version.`
      : `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`;
  return secretsManagerError("InvalidParameterException", message);
}
