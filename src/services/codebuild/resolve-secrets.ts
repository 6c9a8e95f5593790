import type { GetSecretValueCommandOutput } from "@aws-sdk/client-secrets-manager";
import type { GetParametersCommandOutput } from "@aws-sdk/client-ssm";
import { AwsError } from "../../aws-api/aws-error.ts";
import { expandVariables, parseSecretReference } from "../../buildspec/secret-reference.ts";
import { PhaseFailure } from "./phase-failure.ts";

/** An AWS operation as the build's role. */
export type RoleCall = <Output>(service: string, operation: string, input: object) => Promise<Output>;

/**
 * Resolves variables of type SECRETS_MANAGER, by name. References may name variables, as in `${SECRET_ARN}:username`.
 * Status codes are the ones that builds on AWS are remembered to show; not verified against a recorded build.
 */
export async function resolveSecrets(
  references: Record<string, string>,
  variables: Record<string, string>,
  call: RoleCall,
): Promise<Record<string, string>> {
  const fetched = new Map<string, Promise<string>>();
  const resolve = async (name: string, text: string): Promise<[string, string]> => {
    const reference = parseSecretReference(expandVariables(text, variables));
    const { secretId, versionStage, versionId } = reference;
    const input = {
      SecretId: secretId,
      ...(versionStage === undefined ? {} : { VersionStage: versionStage }),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
    };
    const key = JSON.stringify(input);
    // Two keys of one secret are one request.
    const value = fetched.get(key) ?? fetchSecret(input, call);
    fetched.set(key, value);
    const whole = await value;
    return [name, reference.jsonKey === undefined ? whole : pickJsonKey(whole, reference.jsonKey, secretId)];
  };
  return Object.fromEntries(await inOrder(Object.entries(references), ([name, text]) => resolve(name, text)));
}

async function fetchSecret(input: object, call: RoleCall): Promise<string> {
  try {
    const { SecretString } = await call<GetSecretValueCommandOutput>("secretsmanager", "GetSecretValue", input);
    if (SecretString === undefined) throw new PhaseFailure("Secrets Manager Error", "the secret holds no SecretString");
    return SecretString;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new PhaseFailure("Secrets Manager Error", `${error.name}: ${error.message}`, { cause: error });
  }
}

function pickJsonKey(text: string, key: string, secretId: string): string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // No cause: JSON.parse quotes the secret in its message.
    throw new PhaseFailure("Secrets Manager Error", `the secret ${secretId} is not JSON, so it has no key ${key}`);
  }
  const value = (content as Record<string, unknown> | null)?.[key];
  if (value === undefined) throw new PhaseFailure("Secrets Manager Error", `no key ${key} in the secret ${secretId}`);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Resolves variables of type PARAMETER_STORE, by name. `ssm:GetParameters` (plural) is what CodeBuild needs. */
export async function resolveParameters(
  references: Record<string, string>,
  call: RoleCall,
): Promise<Record<string, string>> {
  const names = [...new Set(Object.values(references))];
  if (names.length === 0) return {};
  const refuse = (message: string, cause?: unknown) =>
    new PhaseFailure("Decrypted Variables Error", message, { cause });
  const { Parameters = [], InvalidParameters = [] } = await call<GetParametersCommandOutput>("ssm", "GetParameters", {
    Names: names,
    WithDecryption: true,
  }).catch((error: unknown) => {
    throw error instanceof AwsError ? refuse(`${error.name}: ${error.message}`, error) : error;
  });
  if (InvalidParameters.length > 0) throw refuse(`parameter does not exist: ${InvalidParameters.join(", ")}`);
  const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value ?? ""]));
  return Object.fromEntries(Object.entries(references).map(([name, parameter]) => [name, values.get(parameter) ?? ""]));
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
