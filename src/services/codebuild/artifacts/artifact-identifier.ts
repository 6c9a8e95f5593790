/** AWS's words. https://github.com/aws/aws-cdk/issues/18710 */
export const identifierRefusal =
  "Invalid input: identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length";

export function isArtifactIdentifier(text: string): boolean {
  return /^\w{1,127}$/.test(text);
}
