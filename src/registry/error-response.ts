import type { ServerResponse } from "node:http";
import { type RegistryError, type RegistryErrorCode, registryErrors } from "./registry-error.ts";

/**
 * The error body of the distribution spec. An answer to HEAD carries no body; Node drops it.
 * `messages` stand in for the table's, not for those that an error brings along.
 */
export function sendRegistryError(
  response: ServerResponse,
  error: RegistryError,
  messages: Partial<Record<RegistryErrorCode, string>> = {},
): void {
  if (response.headersSent) {
    // Half an answer must not look like a whole one.
    response.destroy();
    return;
  }
  const { code } = error;
  const message = error.message === registryErrors[code].message ? (messages[code] ?? error.message) : error.message;
  const body = JSON.stringify({
    errors: [{ code, message, ...(error.detail === undefined ? {} : { detail: error.detail }) }],
  });
  response
    .writeHead(error.status, {
      ...error.headers,
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    })
    .end(body);
}
