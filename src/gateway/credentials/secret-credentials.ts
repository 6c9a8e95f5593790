import { type CredentialSource, CredentialsUnavailable } from "./credential-source.ts";
import { parseCredentials } from "./parse-credentials.ts";

/** The SecretString of a secret of AWS Secrets Manager, by ARN or name; undefined where it has none. */
export type GetSecretValue = (secretId: string) => Promise<string | undefined>;

/** JSON with `username` and `password`, or `accessToken` as in a secret for ECR's pull-through cache. */
export function secretCredentials(secretId: string, getSecretValue: GetSecretValue): CredentialSource {
  const description = `the secret ${secretId}`;
  return {
    description,
    async read() {
      let text: string | undefined;
      try {
        text = await getSecretValue(secretId);
      } catch (error) {
        const { name, message } = error as Error;
        throw new CredentialsUnavailable(`${description} cannot be read: ${name}: ${message}`, { cause: error });
      }
      if (text === undefined) throw new CredentialsUnavailable(`${description} has no text`);
      return parseCredentials(text, description);
    },
  };
}
