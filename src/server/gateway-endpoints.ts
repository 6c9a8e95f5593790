import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { metricsContentType } from "../gateway/ledger/format-metrics.ts";
import type { PrefetchedImage } from "../gateway/prefetch-image.ts";
import { digestOf } from "../oci/digest.ts";
import { RegistryError } from "../registry/registry-error.ts";
import type { GatewayStorage } from "./gateway-storage.ts";

export const prefetchPath = "/_chubo/gateway/prefetch";

export interface PrefetchOrder {
  references: string[];
  platforms?: string[];
  pin?: boolean;
}

/** One of these for each reference, a line each, as they are done. */
export type PrefetchReport = PrefetchedImage | { reference: string; error: string };

export interface GatewayEndpointsOptions {
  storage: GatewayStorage;
  metrics(): string;
  prefetch(reference: string, order: PrefetchOrder): Promise<PrefetchReport>;
  /** By the `Authorization`; all where absent. */
  admits?(request: IncomingMessage): boolean;
  /** What `chubo gateway prefetch` has read in the state directory. */
  controlToken: string;
}

/** What a gateway answers beside pulls: /healthz, /metrics, and orders of its owner. */
export function createGatewayEndpoints(options: GatewayEndpointsOptions) {
  return {
    servesPath: (path: string) => path === "/healthz" || path === "/metrics",
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const [path] = (request.url ?? "").split("?", 1);
      if (path === prefetchPath) return takeOrder(request, response, options);
      request.resume();
      if (request.method !== "GET" && request.method !== "HEAD") return sendJson(response, 405, { error: "GET it" });
      if (path === "/healthz") return sendHealth(response, options);
      if (path !== "/metrics") return sendJson(response, 404, { error: `there is no ${path}` });
      if (options.admits?.(request) === false) {
        response.setHeader("www-authenticate", 'Basic realm="chubo gateway"');
        return sendJson(response, 401, { error: "the gateway's clients alone may read it" });
      }
      const text = options.metrics();
      const length = Buffer.byteLength(text);
      response.writeHead(200, { "content-type": metricsContentType, "content-length": length }).end(text);
    },
  };
}

const emptyDigest = digestOf("");

/** Whether the place of the content answers; an upstream that does not is no reason to take the gateway away. */
async function sendHealth(response: ServerResponse, { storage }: GatewayEndpointsOptions): Promise<void> {
  try {
    await storage.content.isBlobHere(emptyDigest);
    sendJson(response, 200, { status: "ok" });
  } catch (error) {
    sendJson(response, 503, { status: "storage unavailable", error: (error as Error).message });
  }
}

const maximumOrder = 1024 * 1024;

async function takeOrder(request: IncomingMessage, response: ServerResponse, options: GatewayEndpointsOptions) {
  if (request.method !== "POST" || !isOwner(request, options.controlToken)) {
    request.resume();
    return sendJson(response, 403, { error: "only `chubo gateway prefetch` with the state directory may order it" });
  }
  const order = parseOrder(await readText(request));
  if (order === undefined) return sendJson(response, 400, { error: "no references" });
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  for (const reference of order.references) {
    if (response.destroyed) return;
    response.write(`${JSON.stringify(await options.prefetch(reference, order))}\n`);
  }
  response.end();
}

function isOwner({ headers }: IncomingMessage, controlToken: string): boolean {
  const given = Buffer.from(headers.authorization ?? "");
  const expected = Buffer.from(`Bearer ${controlToken}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maximumOrder) chunks.push(chunk);
  }
  return size > maximumOrder ? "" : Buffer.concat(chunks).toString("utf8");
}

function parseOrder(text: string): PrefetchOrder | undefined {
  try {
    const order = JSON.parse(text) as Partial<PrefetchOrder> | null;
    const isTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string");
    if (!isTexts(order?.references) || !(order?.platforms === undefined || isTexts(order.platforms))) return undefined;
    return order as PrefetchOrder;
  } catch {
    return undefined;
  }
}

/** A failure of the image is told; a defect is thrown. */
export async function reportPrefetch(reference: string, work: () => Promise<PrefetchedImage>): Promise<PrefetchReport> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { reference, error: error.message };
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = `${JSON.stringify(value)}\n`;
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    .end(body);
}
