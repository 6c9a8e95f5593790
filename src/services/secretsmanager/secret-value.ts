import type { SecretBox } from "../../store/secret-box.ts";
import type { SecretRecord, SecretVersionRecord } from "./secret.ts";
import { secretsManagerError } from "./secretsmanager-error.ts";

export interface ValueInput {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
  ClientRequestToken?: string | undefined;
}

export interface ValueDeps {
  box: SecretBox;
  now(): Date;
  newUuid(): string;
}

const largestValue = 65_536;

export function hasValue({ SecretString, SecretBinary }: ValueInput): boolean {
  return SecretString !== undefined || SecretBinary !== undefined;
}

/**
 * The version that a value makes: a new one, or the one that an earlier try with the same token has made. Throws where the
 * token stands for another value, and for values that AWS does not take.
 */
export function resolveVersion(
  { box, now, newUuid }: ValueDeps,
  input: ValueInput,
  secret: SecretRecord | undefined,
): { version: Omit<SecretVersionRecord, "stages">; isNew: boolean } {
  checkValue(input);
  const { SecretString, SecretBinary, ClientRequestToken: id = newUuid() } = input;
  if (id.length < 32 || id.length > 64) {
    throw secretsManagerError("InvalidParameterException", "ClientRequestToken must be 32-64 characters long.");
  }
  const existing = secret?.versions.find((version) => version.id === id);
  if (existing !== undefined && secret !== undefined) {
    if (isSameValue(box, existing, input)) return { version: existing, isNew: false };
    throw secretsManagerError(
      "ResourceExistsException",
      `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const version = {
    id,
    created: now().getTime(),
    ...(SecretString !== undefined && { sealedString: box.seal(SecretString) }),
    ...(SecretBinary !== undefined && { sealedBinary: box.seal(Buffer.from(SecretBinary).toString("base64")) }),
  };
  return { version, isNew: true };
}

/** The value in clear, as GetSecretValue gives it. */
export function openValue(box: SecretBox, { sealedString, sealedBinary }: SecretVersionRecord): ValueInput {
  return {
    ...(sealedString !== undefined && { SecretString: box.open(sealedString) }),
    ...(sealedBinary !== undefined && { SecretBinary: Buffer.from(box.open(sealedBinary), "base64") }),
  };
}

function checkValue({ SecretString, SecretBinary }: ValueInput): void {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    const message = "You can't specify both a binary secret value and a string secret value in the same secret.";
    throw secretsManagerError("InvalidParameterException", message);
  }
  if (SecretString === undefined && SecretBinary === undefined) {
    const message = "You must provide either SecretString or SecretBinary.";
    throw secretsManagerError("InvalidRequestException", message);
  }
  const size = SecretString === undefined ? SecretBinary?.byteLength : Buffer.byteLength(SecretString);
  if ((size ?? 0) <= largestValue) return;
  const member = SecretString === undefined ? "secretBinary" : "secretString";
  const message = `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${largestValue}`;
  throw secretsManagerError("ValidationException", message);
}

function isSameValue(
  box: SecretBox,
  version: SecretVersionRecord,
  { SecretString, SecretBinary }: ValueInput,
): boolean {
  const stored = openValue(box, version);
  const binary = SecretBinary === undefined ? undefined : Buffer.from(SecretBinary).toString("base64");
  const storedBinary =
    stored.SecretBinary === undefined ? undefined : Buffer.from(stored.SecretBinary).toString("base64");
  return stored.SecretString === SecretString && storedBinary === binary;
}
