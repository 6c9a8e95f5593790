import type { GetSecretValueCommandOutput } from "@aws-sdk/client-secrets-manager";
import type { GetParametersCommandOutput } from "@aws-sdk/client-ssm";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { expandVariables, parseSecretReference } from "../../../buildspec/secret-reference.ts";
import { PhaseFailure } from "../run/phase-failure.ts";

/** An AWS operation as the build's role. */
export type RoleCall = <Output>(service: string, operation: string, input: object) => Promise<Output>;

/**
 * Status codes of a failure. The log then reads `Phase context status code: Decrypted Variables Error Message: …`, which
 * is recorded from a build on AWS (2023); the one for Secrets Manager is remembered, and not verified.
 */
const secretsError = "Secrets Manager Error";
const parametersError = "Decrypted Variables Error";

/** What `ssm:GetParameters` takes in one call. */
const parametersPerCall = 10;

/** Resolves variables of type SECRETS_MANAGER, by name. References may name variables, as in `${SECRET_ARN}:username`. */
export async function resolveSecrets(
  references: Record<string, string>,
  variables: Record<string, string>,
  call: RoleCall,
): Promise<Record<string, string>> {
  // Two keys of one secret are one request.
  const fetched = new Map<string, string>();
  const resolved: Record<string, string> = {};
  for (const [name, text] of Object.entries(references)) {
    const { secretId, jsonKey, versionStage, versionId } = parseSecretReference(expandVariables(text, variables));
    const input = {
      SecretId: secretId,
      ...(versionStage === undefined ? {} : { VersionStage: versionStage }),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
    };
    const key = JSON.stringify(input);
    const whole = fetched.get(key) ?? (await fetchSecret(input, call));
    fetched.set(key, whole);
    resolved[name] = jsonKey === undefined ? whole : pickJsonKey(whole, jsonKey, secretId);
  }
  return resolved;
}

async function fetchSecret(input: { SecretId: string }, call: RoleCall): Promise<string> {
  const { SecretString } = await call<GetSecretValueCommandOutput>("secretsmanager", "GetSecretValue", input).catch(
    (error: unknown) => {
      throw error instanceof AwsError
        ? new PhaseFailure(secretsError, `${error.name}: ${error.message}`, { cause: error })
        : error;
    },
  );
  if (SecretString === undefined) throw new PhaseFailure(secretsError, `${input.SecretId} holds no SecretString`);
  return SecretString;
}

function pickJsonKey(text: string, key: string, secretId: string): string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // No cause: JSON.parse quotes the secret in its message.
    throw new PhaseFailure(secretsError, `the secret ${secretId} is not JSON, so it has no key ${key}`);
  }
  const isObject = typeof content === "object" && content !== null && Object.hasOwn(content, key);
  if (!isObject) throw new PhaseFailure(secretsError, `no key ${key} in the secret ${secretId}`);
  const value = (content as Record<string, unknown>)[key];
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Resolves variables of type PARAMETER_STORE, by name. `ssm:GetParameters` (plural) is what CodeBuild needs. */
export async function resolveParameters(
  references: Record<string, string>,
  variables: Record<string, string>,
  call: RoleCall,
): Promise<Record<string, string>> {
  const wanted = Object.entries(references).map(([name, text]) => [name, expandVariables(text, variables)] as const);
  const names = [...new Set(wanted.map(([, parameter]) => parameter))];
  const values = new Map<string | undefined, string>();
  for (let start = 0; start < names.length; start += parametersPerCall) {
    const input = { Names: names.slice(start, start + parametersPerCall), WithDecryption: true };
    for (const { Name, Selector = "", Value = "", ARN } of await fetchParameters(input, call)) {
      // Asked for by name, by `name:version` or by ARN.
      for (const name of [`${Name}${Selector}`, ARN]) values.set(name, Value);
    }
  }
  const missing = names.filter((name) => !values.has(name));
  if (missing.length > 0) throw new PhaseFailure(parametersError, `parameter does not exist: ${missing.join(", ")}`);
  return Object.fromEntries(wanted.map(([name, parameter]) => [name, values.get(parameter) ?? ""]));
}

async function fetchParameters(input: object, call: RoleCall) {
  try {
    return (await call<GetParametersCommandOutput>("ssm", "GetParameters", input)).Parameters ?? [];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new PhaseFailure(parametersError, `${error.name}: ${error.message}`, { cause: error });
  }
}
