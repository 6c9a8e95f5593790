import type * as Sdk from "@aws-sdk/client-secrets-manager";
import type { Operations } from "../../aws-api/service.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import { describeSecret } from "./describe-secret.ts";
import { listSecrets, takePage } from "./list-secrets.ts";
import { createRandomPassword } from "./random-password.ts";
import { findVersion, type SecretRecord } from "./secret.ts";
import type { createSecretPermissions } from "./secret-permission.ts";
import { openValue } from "./secret-value.ts";
import { secretsManagerError } from "./secretsmanager-error.ts";
import type { SecretStore } from "./secretsmanager-store.ts";

export function readingOperations(
  box: SecretBox,
  secrets: SecretStore,
  on: ReturnType<typeof createSecretPermissions>,
): Operations<typeof Sdk> {
  return {
    GetSecretValue: {
      permissions: on("GetSecretValue"),
      run(input, context) {
        const secret = secrets.getUsable(input.SecretId, context);
        const version = getVersion(secret, input);
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: version.id,
          ...openValue(box, version),
          VersionStages: version.stages,
          CreatedDate: new Date(version.created),
        };
      },
    },
    DescribeSecret: {
      permissions: on("DescribeSecret"),
      run: (input, context) => describeSecret(secrets.get(input.SecretId, context)),
    },
    ListSecrets: {
      permissions: () => [{ action: "secretsmanager:ListSecrets", resource: "*" }],
      run: (input, context) => listSecrets(secrets.list(context), input),
    },
    ListSecretVersionIds: {
      permissions: on("ListSecretVersionIds"),
      run(input, context) {
        const { arn, name, versions } = secrets.get(input.SecretId, context);
        const shown = versions.filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true);
        const { items, NextToken } = takePage(shown, input);
        const described = items.map(({ id, stages, created }) => ({
          VersionId: id,
          VersionStages: stages,
          CreatedDate: new Date(created),
        }));
        return { ARN: arn, Name: name, Versions: described, ...(NextToken !== undefined && { NextToken }) };
      },
    },
    GetResourcePolicy: {
      permissions: on("GetResourcePolicy"),
      run(input, context) {
        const { arn, name } = secrets.get(input.SecretId, context);
        return { ARN: arn, Name: name };
      },
    },
    GetRandomPassword: {
      permissions: () => [{ action: "secretsmanager:GetRandomPassword", resource: "*" }],
      run: (input) => ({ RandomPassword: createRandomPassword(input) }),
    },
  };
}

function getVersion(secret: SecretRecord, { VersionId: id, VersionStage: stage }: Sdk.GetSecretValueCommandInput) {
  const version = findVersion(secret, { id, stage });
  if (version !== undefined) return version;
  const wanted = id === undefined ? `staging label: ${stage ?? "AWSCURRENT"}` : `VersionId: ${id}`;
  throw secretsManagerError(
    "ResourceNotFoundException",
    `Secrets Manager can't find the specified secret value for ${wanted}`,
  );
}
