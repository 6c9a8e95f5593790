import type { ServerResponse } from "node:http";
import type { RegistryError } from "./registry-error.ts";

/** The error body of the distribution spec. An answer to HEAD carries no body; Node drops it. */
export function sendRegistryError(response: ServerResponse, error: RegistryError): void {
  if (response.headersSent) {
    // Half an answer must not look like a whole one.
    response.destroy();
    return;
  }
  const body = JSON.stringify({
    errors: [
      { code: error.code, message: error.message, ...(error.detail === undefined ? {} : { detail: error.detail }) },
    ],
  });
  response
    .writeHead(error.status, {
      ...error.headers,
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    })
    .end(body);
}
