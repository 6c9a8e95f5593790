import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { SimulatedRegistry } from "./simulated-registry.ts";

/** The token endpoint: GET with Basic credentials, or POST as OAuth2 has it. */
export async function answerToken(
  registry: SimulatedRegistry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://host");
  const form = request.method === "POST" ? new URLSearchParams(await text(request)) : url.searchParams;
  const credentials = request.method === "POST" ? fromForm(form) : fromHeader(request.headers.authorization);
  const scopes = form.getAll("scope").flatMap((scope) => scope.split(" "));
  const issued = registry.tokens.issue({
    service: form.get("service") ?? registry.service,
    scopes: scopes.filter((scope) => scope !== ""),
    now: registry.now(),
    ...credentials,
  });
  const body = JSON.stringify(issued ?? { details: "incorrect username or password" });
  response.writeHead(issued === undefined ? 401 : 200, { "content-type": "application/json" });
  response.end(body);
}

function fromHeader(authorization: string | undefined): { user?: string; password?: string } {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return {};
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function fromForm(form: URLSearchParams): { user?: string; password?: string } {
  const user = form.get("username");
  return user === null ? {} : { user, password: form.get("password") ?? "" };
}
