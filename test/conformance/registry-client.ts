// The wire as a test needs it: every header its own, bodies of known and of unknown length, no redirects, no retries.
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface RequestParts {
  headers?: OutgoingHttpHeaders;
  /** A list is sent as a stream, without a Content-Length. */
  body?: Buffer | readonly Buffer[];
}

export interface RegistryClient {
  /** `target` is below `/v2/`, or a `Location` that the registry gave, absolute or not. */
  send(method: string, target: string, parts?: RequestParts): Promise<Answer>;
  close(): void;
}

/** `url` may hold a user and password for Basic authentication. */
export function openRegistryClient(url: string): RegistryClient {
  const { origin, protocol, username, password } = new URL(url);
  const agent = new Agent({ keepAlive: true });
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === "" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  return {
    send(method, target, { headers = {}, body = Buffer.alloc(0) } = {}) {
      const isWhole = Buffer.isBuffer(body);
      const isBare = isWhole && body.byteLength === 0 && (method === "GET" || method === "HEAD");
      const length = isWhole && !isBare ? { "content-length": body.byteLength } : {};
      const place = new URL(target.startsWith("http") ? target : origin);
      // As the test wrote it: a URL would resolve `..` in it.
      const path = target.startsWith("http")
        ? place.pathname + place.search
        : target.startsWith("/")
          ? target
          : `/v2/${target}`;
      const options = { method, path, headers: { ...authorization, ...length, ...headers } };
      return sendBody(place, protocol === "https:" ? options : { ...options, agent }, isWhole ? [body] : body);
    },
    close: () => agent.destroy(),
  };
}

function sendBody(
  place: URL,
  options: { method: string; path: string; headers: OutgoingHttpHeaders; agent?: Agent },
  chunks: readonly Buffer[],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = place.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(place, options, (response) => {
      const received: Buffer[] = [];
      response.on("data", (chunk: Buffer) => received.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(received) }),
      );
    });
    request.on("error", reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}
