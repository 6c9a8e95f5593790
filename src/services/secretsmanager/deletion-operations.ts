import type * as Sdk from "@aws-sdk/client-secrets-manager";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import type { createSecretPermissions } from "./secret-permission.ts";
import { secretsManagerError } from "./secretsmanager-error.ts";
import { arnPrefix, type SecretStore } from "./secretsmanager-store.ts";

const day = 24 * 3600 * 1000;

export function deletionOperations(
  { now }: { now(): Date },
  secrets: SecretStore,
  on: ReturnType<typeof createSecretPermissions>,
): Operations<typeof Sdk> {
  return {
    DeleteSecret: {
      permissions: on("DeleteSecret"),
      run(input, context) {
        checkWindow(input);
        if (input.ForceDeleteWithoutRecovery === true) return removeSecret(secrets, input.SecretId, context, now());
        const secret = secrets.get(input.SecretId, context);
        if (secret.deletion !== undefined) {
          const message =
            "You can't perform this operation on the secret because it was already scheduled for deletion.";
          throw secretsManagerError("InvalidRequestException", message);
        }
        const deletion = now().getTime() + (input.RecoveryWindowInDays ?? 30) * day;
        secrets.put({ ...secret, deletion });
        return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(deletion) };
      },
    },
    RestoreSecret: {
      permissions: on("RestoreSecret"),
      run(input, context) {
        const { deletion: _, ...secret } = secrets.get(input.SecretId, context);
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name };
      },
    },
  };
}

function checkWindow({ ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days }: Sdk.DeleteSecretCommandInput) {
  if (days === undefined) return;
  if (force === true) {
    const message = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
    throw secretsManagerError("InvalidParameterException", message);
  }
  if (Number.isInteger(days) && days >= 7 && days <= 30) return;
  const message = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
  throw secretsManagerError("InvalidParameterException", message);
}

/** Succeeds for a secret that does not exist, as AWS says. */
function removeSecret(secrets: SecretStore, id: string | undefined, context: CallContext, now: Date) {
  const secret = secrets.find(id, context);
  if (secret === undefined)
    return { ARN: id?.startsWith("arn:") ? id : `${arnPrefix(context)}${id}`, Name: id, DeletionDate: now };
  secrets.remove(secret);
  return { ARN: secret.arn, Name: secret.name, DeletionDate: now };
}
