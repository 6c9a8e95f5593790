import type * as Sdk from "@aws-sdk/client-secrets-manager";
import type { Operations } from "../../aws-api/service.ts";
import type { createSecretPermissions } from "./secret-permission.ts";
import type { SecretStore } from "./secretsmanager-store.ts";

export function tagOperations(
  secrets: SecretStore,
  on: ReturnType<typeof createSecretPermissions>,
): Operations<typeof Sdk> {
  return {
    TagResource: {
      permissions: on("TagResource"),
      run(input, context) {
        const secret = secrets.getUsable(input.SecretId, context);
        const added = new Set(input.Tags?.map(({ Key }) => Key));
        secret.tags = [...secret.tags.filter(({ Key }) => !added.has(Key)), ...(input.Tags ?? [])];
        secrets.put(secret);
        return {};
      },
    },
    UntagResource: {
      permissions: on("UntagResource"),
      run(input, context) {
        const secret = secrets.getUsable(input.SecretId, context);
        secret.tags = secret.tags.filter(({ Key = "" }) => !input.TagKeys?.includes(Key));
        secrets.put(secret);
        return {};
      },
    },
  };
}
