import type { Credentials } from "../identity.ts";
import { CredentialsUnavailable } from "./credential-source.ts";

/**
 * Lines of `USER:PASSWORD` with `#` comments, or JSON: an object with `username` and `password` (or `accessToken`, as
 * ECR's pull-through cache has it in Secrets Manager), or a list of them. `what` names the source in the error.
 */
export function parseCredentials(text: string, what: string): Credentials[] {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) return parseJson(trimmed, what);
  const lines = trimmed.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  return lines
    .filter(({ line }) => line !== "" && !line.startsWith("#"))
    .map(({ line, number }) => {
      const colon = line.indexOf(":");
      if (colon < 1 || colon === line.length - 1) {
        throw new CredentialsUnavailable(`${what}: line ${number} is not USER:PASSWORD`);
      }
      return { username: line.slice(0, colon), password: line.slice(colon + 1) };
    });
}

function parseJson(text: string, what: string): Credentials[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the parser's message, which quotes the text.
    throw new CredentialsUnavailable(`${what} is not valid JSON`);
  }
  return (Array.isArray(value) ? value : [value]).map((entry) => {
    const { username, password, accessToken } = (entry ?? {}) as Record<string, unknown>;
    const secret = password ?? accessToken;
    if (typeof username !== "string" || typeof secret !== "string" || username === "" || secret === "") {
      throw new CredentialsUnavailable(`${what} has no "username" with "password" or "accessToken"`);
    }
    return { username, password: secret };
  });
}
