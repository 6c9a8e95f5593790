import { readFile } from "node:fs/promises";
import { type CredentialSource, CredentialsUnavailable } from "./credential-source.ts";
import { parseCredentials } from "./parse-credentials.ts";

/** A file as a mounted secret has it; `parseCredentials` knows its forms. */
export function fileCredentials(file: string): CredentialSource {
  const description = `the credentials file ${file}`;
  return {
    description,
    async read() {
      let text: string;
      try {
        text = await readFile(file, "utf8");
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new CredentialsUnavailable(`${description} cannot be read: ${code}`, { cause: error });
      }
      return parseCredentials(text, description);
    },
  };
}
