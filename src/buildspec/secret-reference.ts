/** `secret-id:json-key:version-stage:version-id` of a buildspec's env.secrets-manager. */
export interface SecretReference {
  /** Name or ARN. */
  secretId: string;
  jsonKey: string | undefined;
  versionStage: string | undefined;
  versionId: string | undefined;
}

/**
 * Reads a reference. An ARN holds six colons itself, so it is taken off first.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager
 */
export function parseSecretReference(text: string): SecretReference {
  const parts = text.split(":");
  const idParts = text.startsWith("arn:") ? 7 : 1;
  const [jsonKey, versionStage, versionId] = parts.slice(idParts).map((part) => (part === "" ? undefined : part));
  return { secretId: parts.slice(0, idParts).join(":"), jsonKey, versionStage, versionId };
}

/** Expands `$NAME` and `${NAME}` from the build's variables; what is not among them stays as written. */
export function expandVariables(text: string, variables: Record<string, string>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
    return variables[braced ?? bare ?? ""] ?? whole;
  });
}
