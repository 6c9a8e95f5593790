import type { IncomingMessage } from "node:http";
import type { SimulatedAnswer } from "./simulated-answer.ts";
import type { TokenRequest, TokenService } from "./token-service.ts";

const maximumForm = 64 * 1024;

/** GET with Basic credentials or none, and POST as OAuth2 has it (`grant_type=password`). */
export async function answerToken(
  tokens: TokenService,
  service: string,
  request: IncomingMessage,
): Promise<SimulatedAnswer> {
  const isPost = request.method === "POST";
  if (!isPost && request.method !== "GET") return failed(405, "method not allowed");
  const query = new URL(request.url ?? "/", "http://token").searchParams;
  const form = isPost ? await readForm(request) : query;
  if (form === undefined) return failed(413, "the form is too large");
  // Docker Hub gives no refresh tokens to docker, so nobody can hold one.
  if (isPost && form.get("grant_type") !== "password") return failed(400, "unsupported grant_type");
  const credentials = isPost ? credentialsOfForm(form) : credentialsOfHeader(request.headers.authorization);
  const scopes = form.getAll("scope").flatMap((scope) => scope.split(" "));
  const issued = tokens.issue({
    service: form.get("service") ?? service,
    scopes: scopes.filter((scope) => scope !== ""),
    ...(credentials === undefined ? {} : { credentials }),
  });
  if (issued === undefined) return failed(401, "incorrect username or password");
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(issued) };
}

/** docker prints a 401 of this shape as `unauthorized: incorrect username or password`. */
function failed(status: number, details: string): SimulatedAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify({ details }) };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumForm) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

function credentialsOfHeader(authorization: string | undefined): TokenRequest["credentials"] {
  const encoded = /^Basic (.+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return { user: decoded.slice(0, Math.max(0, colon)), password: decoded.slice(colon + 1) };
}

function credentialsOfForm(form: URLSearchParams): TokenRequest["credentials"] {
  const user = form.get("username");
  return user === null ? undefined : { user, password: form.get("password") ?? "" };
}
