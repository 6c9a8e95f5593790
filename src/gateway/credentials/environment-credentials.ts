import { type CredentialSource, CredentialsUnavailable } from "./credential-source.ts";
import { fileCredentials } from "./file-credentials.ts";

/**
 * `CHUBO_UPSTREAM_DOCKER_IO_USERNAME` with `…_PASSWORD`, and `…_CREDENTIALS_FILE` for a file of several accounts.
 * The registry's name stands in them in capitals, all else than letters and digits as `_`.
 */
export function environmentCredentials(
  registry: string,
  variables: Readonly<Record<string, string | undefined>>,
): CredentialSource {
  const prefix = `CHUBO_UPSTREAM_${registry.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
  return {
    description: `the environment (${prefix}_…)`,
    async read() {
      const username = variables[`${prefix}_USERNAME`] || undefined;
      const password = variables[`${prefix}_PASSWORD`] || undefined;
      const file = variables[`${prefix}_CREDENTIALS_FILE`] || undefined;
      if ((username === undefined) !== (password === undefined)) {
        throw new CredentialsUnavailable(`${prefix}_USERNAME and ${prefix}_PASSWORD only mean something together`);
      }
      const single = username === undefined || password === undefined ? [] : [{ username, password }];
      return file === undefined ? single : [...single, ...(await fileCredentials(file).read())];
    },
  };
}
