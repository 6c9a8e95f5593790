import type * as Sdk from "@aws-sdk/client-secrets-manager";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { CallContext, Operations, Permission } from "../../aws-api/service.ts";
import type { SecretBox } from "../../store/secret-box.ts";
import type { Store } from "../../store/store.ts";
import { addVersion, findVersion, type SecretRecord, type SecretVersionRecord } from "./secret.ts";
import { openSecretStore, type SecretStore } from "./secretsmanager-store.ts";

export interface SecretsManagerOptions {
  store: Store;
  box: SecretBox;
  now(): Date;
  newUuid(): string;
  /** Six characters at the end of an ARN. */
  newSuffix(): string;
}

type ValueInput = { SecretString?: string | undefined; SecretBinary?: Uint8Array | undefined };

const daysInMilliseconds = 24 * 3600 * 1000;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html */
export function secretsManagerOperations(options: SecretsManagerOptions): Operations<typeof Sdk> {
  const secrets = openSecretStore(options.store);
  const on = (action: string) => (input: { SecretId?: string | undefined }, context: CallContext) =>
    onSecret(secrets, action, input.SecretId, context);
  return {
    ...readingOperations(options, secrets, on),
    CreateSecret: {
      permissions: (input, context) => [
        { action: "secretsmanager:CreateSecret", resource: `${arnPrefix(context)}${input.Name}` },
      ],
      run: (input, context) => createSecret(options, secrets, input, context),
    },
    PutSecretValue: {
      permissions: on("PutSecretValue"),
      run(input) {
        const secret = secrets.getUsable(input.SecretId);
        const version = newVersion(options, input, input.ClientRequestToken);
        addVersion(secret, version);
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages };
      },
    },
    UpdateSecret: {
      permissions: on("UpdateSecret"),
      run(input) {
        const secret = secrets.getUsable(input.SecretId);
        if (input.Description !== undefined) secret.description = input.Description;
        const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
        const version = hasValue ? newVersion(options, input, input.ClientRequestToken) : undefined;
        if (version !== undefined) addVersion(secret, version);
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name, ...(version === undefined ? {} : { VersionId: version.id }) };
      },
    },
    DeleteSecret: {
      permissions: on("DeleteSecret"),
      run(input) {
        const secret = secrets.get(input.SecretId);
        const now = options.now().getTime();
        if (input.ForceDeleteWithoutRecovery === true) {
          secrets.remove(secret);
          return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(now) };
        }
        secret.deletion = now + (input.RecoveryWindowInDays ?? 30) * daysInMilliseconds;
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(secret.deletion) };
      },
    },
    RestoreSecret: {
      permissions: on("RestoreSecret"),
      run(input) {
        const { deletion: _, ...secret } = secrets.get(input.SecretId);
        secrets.put(secret);
        return { ARN: secret.arn, Name: secret.name };
      },
    },
  };
}

type OnSecret = (action: string) => (input: { SecretId?: string | undefined }, context: CallContext) => Permission[];

function readingOperations({ box }: SecretsManagerOptions, secrets: SecretStore, on: OnSecret): Operations<typeof Sdk> {
  return {
    GetSecretValue: {
      permissions: on("GetSecretValue"),
      run(input) {
        const secret = secrets.getUsable(input.SecretId);
        const version = findVersion(secret, { id: input.VersionId, stage: input.VersionStage });
        if (version === undefined) {
          const wanted =
            input.VersionId === undefined
              ? `staging label: ${input.VersionStage ?? "AWSCURRENT"}`
              : `VersionId: ${input.VersionId}`;
          throw notFound(`Secrets Manager can't find the specified secret value for ${wanted}`);
        }
        const { sealedString, sealedBinary } = version;
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: version.id,
          VersionStages: version.stages,
          CreatedDate: new Date(version.created),
          ...(sealedString === undefined ? {} : { SecretString: box.open(sealedString) }),
          ...(sealedBinary === undefined ? {} : { SecretBinary: Buffer.from(box.open(sealedBinary), "base64") }),
        };
      },
    },
    DescribeSecret: { permissions: on("DescribeSecret"), run: (input) => describeSecret(secrets.get(input.SecretId)) },
    ListSecrets: {
      permissions: () => [{ action: "secretsmanager:ListSecrets", resource: "*" }],
      run(input) {
        if ((input.Filters ?? []).length > 0) throw unsupported("Filters of secretsmanager:ListSecrets");
        const shown = secrets
          .list()
          .filter(({ deletion }) => deletion === undefined || input.IncludePlannedDeletion === true);
        return { SecretList: shown.map(({ versions, ...secret }) => ({ ...describeSecret({ ...secret, versions }) })) };
      },
    },
    ListSecretVersionIds: {
      permissions: on("ListSecretVersionIds"),
      run(input) {
        const { arn, name, versions } = secrets.get(input.SecretId);
        const entries = versions.map(({ id, stages, created }) => ({
          VersionId: id,
          VersionStages: stages,
          CreatedDate: new Date(created),
        }));
        return { ARN: arn, Name: name, Versions: entries };
      },
    },
    GetResourcePolicy: {
      permissions: on("GetResourcePolicy"),
      run(input) {
        const { arn, name } = secrets.get(input.SecretId);
        return { ARN: arn, Name: name };
      },
    },
  };
}

function createSecret(
  options: SecretsManagerOptions,
  secrets: SecretStore,
  input: Sdk.CreateSecretCommandInput,
  context: CallContext,
) {
  const name = input.Name ?? "";
  if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name)) {
    throw new AwsError(
      "ValidationException",
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  }
  const existing = secrets.find(name);
  if (existing?.deletion !== undefined) {
    throw new AwsError(
      "InvalidRequestException",
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  if (existing !== undefined) {
    throw new AwsError("ResourceExistsException", `The operation failed because the secret ${name} already exists.`);
  }
  const now = options.now().getTime();
  const arn = `${arnPrefix(context)}${name}-${options.newSuffix()}`;
  const secret: SecretRecord = { name, arn, created: now, lastChanged: now, tags: input.Tags ?? [], versions: [] };
  if (input.Description !== undefined) secret.description = input.Description;
  const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
  const version = hasValue ? newVersion(options, input, input.ClientRequestToken) : undefined;
  if (version !== undefined) addVersion(secret, version);
  secrets.put(secret);
  return { ARN: arn, Name: name, ...(version === undefined ? {} : { VersionId: version.id }) };
}

function newVersion(
  { box, now, newUuid }: SecretsManagerOptions,
  input: ValueInput,
  token: string | undefined,
): SecretVersionRecord {
  const { SecretString, SecretBinary } = input;
  if ((SecretString === undefined) === (SecretBinary === undefined)) {
    throw new AwsError("InvalidRequestException", "You must provide either SecretString or SecretBinary.");
  }
  return {
    id: token ?? newUuid(),
    created: now().getTime(),
    stages: ["AWSCURRENT"],
    ...(SecretString === undefined ? {} : { sealedString: box.seal(SecretString) }),
    ...(SecretBinary === undefined ? {} : { sealedBinary: box.seal(Buffer.from(SecretBinary).toString("base64")) }),
  };
}

function describeSecret({ arn, name, description, created, lastChanged, deletion, tags, versions }: SecretRecord) {
  return {
    ARN: arn,
    Name: name,
    ...(description === undefined ? {} : { Description: description }),
    ...(deletion === undefined ? {} : { DeletedDate: new Date(deletion) }),
    CreatedDate: new Date(created),
    LastChangedDate: new Date(lastChanged),
    Tags: tags,
    VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
  };
}

function arnPrefix({ region, account }: CallContext): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:`;
}

/** The secret's real ARN; for one that does not exist, the ARN that its name would begin. */
function onSecret(secrets: SecretStore, action: string, id: string | undefined, context: CallContext): Permission[] {
  const resource = secrets.find(id)?.arn ?? (id?.startsWith("arn:") ? id : `${arnPrefix(context)}${id}`);
  return [{ action: `secretsmanager:${action}`, resource }];
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

function unsupported(what: string): AwsError {
  return new AwsError("InvalidRequestException", `Chubo does not support ${what} yet (see docs/deviations.md)`);
}
