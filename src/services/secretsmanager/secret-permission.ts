import type { CallContext, Permission } from "../../aws-api/service.ts";
import type { SecretRecord } from "./secret.ts";
import { arnPrefix, type SecretStore } from "./secretsmanager-store.ts";

interface SecretInput {
  SecretId?: string | undefined;
  VersionId?: string | undefined;
  VersionStage?: string | undefined;
}

/**
 * A permission on the secret's real ARN; for a secret that does not exist, on the ARN that its name would begin.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
 */
export function createSecretPermissions(secrets: SecretStore) {
  return (action: string) =>
    (
      { SecretId: id = "", VersionId: versionId, VersionStage: stage }: SecretInput,
      context: CallContext,
    ): Permission[] => {
      const secret = secrets.find(id, context);
      const resource = secret?.arn ?? (id.startsWith("arn:") ? id : `${arnPrefix(context)}${id}`);
      const conditionValues = {
        "secretsmanager:secretid": resource,
        ...(versionId !== undefined && { "secretsmanager:versionid": versionId }),
        ...(stage !== undefined && { "secretsmanager:versionstage": stage }),
        ...tagConditions(secret?.tags ?? []),
      };
      return [{ action: `secretsmanager:${action}`, resource, conditionValues }];
    };
}

function tagConditions(tags: SecretRecord["tags"]): Record<string, string> {
  const entries = tags.flatMap(({ Key = "", Value = "" }) => [
    [`aws:resourcetag/${Key.toLowerCase()}`, Value],
    [`secretsmanager:resourcetag/${Key.toLowerCase()}`, Value],
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
