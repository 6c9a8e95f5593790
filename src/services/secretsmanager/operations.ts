import type * as Sdk from "@aws-sdk/client-secrets-manager";
import type { Operations } from "../../aws-api/service.ts";
import type { Store } from "../../store/store.ts";
import { createSecret } from "./create-secret.ts";
import { deletionOperations } from "./deletion-operations.ts";
import { readingOperations } from "./reading-operations.ts";
import { addVersion } from "./secret.ts";
import { createSecretPermissions } from "./secret-permission.ts";
import { hasValue, resolveVersion, type ValueDeps } from "./secret-value.ts";
import { unsupported } from "./secretsmanager-error.ts";
import { arnPrefix, openSecretStore } from "./secretsmanager-store.ts";
import { stageOperations } from "./stage-operations.ts";
import { tagOperations } from "./tag-operations.ts";

export interface SecretsManagerOptions extends ValueDeps {
  store: Store;
  /** Six characters at the end of an ARN. */
  newSuffix(): string;
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html */
export function secretsManagerOperations(options: SecretsManagerOptions): Operations<typeof Sdk> {
  const secrets = openSecretStore(options.store, options.now);
  const on = createSecretPermissions(secrets);
  return {
    ...readingOperations(options.box, secrets, on),
    ...deletionOperations(options, secrets, on),
    ...stageOperations(secrets, on),
    ...tagOperations(secrets, on),
    CreateSecret: {
      permissions: (input, context) => [
        {
          action: "secretsmanager:CreateSecret",
          resource: `${arnPrefix(context)}${input.Name}`,
          conditionValues: { "secretsmanager:name": input.Name ?? "" },
        },
      ],
      run: (input, context) => createSecret(options, secrets, input, context),
    },
    PutSecretValue: {
      permissions: on("PutSecretValue"),
      run(input, context) {
        if (input.RotationToken !== undefined) throw unsupported("RotationToken of PutSecretValue");
        const secret = secrets.getUsable(input.SecretId, context);
        const { version, isNew } = resolveVersion(options, input, secret);
        const stages = input.VersionStages ?? ["AWSCURRENT"];
        if (isNew) addVersion(secret, version, stages);
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: stages };
      },
    },
    UpdateSecret: {
      permissions: on("UpdateSecret"),
      run(input, context) {
        if (input.KmsKeyId !== undefined) throw unsupported("KmsKeyId of UpdateSecret");
        if (input.Type !== undefined) throw unsupported("Type of UpdateSecret");
        const secret = secrets.getUsable(input.SecretId, context);
        const resolved = hasValue(input) ? resolveVersion(options, input, secret) : undefined;
        if (input.Description !== undefined) secret.description = input.Description;
        if (resolved?.isNew === true) addVersion(secret, resolved.version, ["AWSCURRENT"]);
        secret.lastChanged = options.now().getTime();
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name, ...(resolved && { VersionId: resolved.version.id }) };
      },
    },
  };
}
