// A registry's client for benchmarks. As a program it pushes one blob of noise and prints how long that took:
// `node bench/serving/registry-client.ts --origin URL --repository NAME --size BYTES [--chunk BYTES]`, with the
// `Authorization` in the variable AUTHORIZATION.
import { createHash, randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { parseArgs } from "node:util";
import { readText } from "../light-client.ts";

export interface RegistryPlace {
  /** `http://HOST:PORT`. */
  origin: string;
  repository: string;
  headers: Record<string, string>;
}

export interface PushedBlob {
  digest: string;
  size: number;
  milliseconds: number;
}

const blockSize = 1024 * 1024;
export const imageManifest = "application/vnd.oci.image.manifest.v1+json";

/** Bytes that no other blob has, without the time that so much noise would take. */
function makeContent(size: number): Buffer {
  const content = Buffer.alloc(size, randomBytes(Math.min(size, 8 * blockSize)));
  randomBytes(16).copy(content);
  return content;
}

/** Whole with the PUT, or in PATCHes of `chunk` bytes and an empty PUT. */
export async function pushBlob(place: RegistryPlace, size: number, chunk?: number): Promise<PushedBlob> {
  const content = makeContent(size);
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  const agent = new Agent({ keepAlive: true });
  const start = performance.now();
  try {
    const begun = await send(place, agent, "POST", `/v2/${place.repository}/blobs/uploads/`);
    let location = begun.headers.location ?? "";
    for (let at = 0; chunk !== undefined && at < size; at += chunk) {
      const part = content.subarray(at, at + chunk);
      const headers = { "content-range": `${at}-${at + part.length - 1}`, "content-type": "application/octet-stream" };
      location = (await send(place, agent, "PATCH", location, part, headers)).headers.location ?? "";
    }
    const separator = location.includes("?") ? "&" : "?";
    const rest = chunk === undefined ? content : Buffer.alloc(0);
    await send(place, agent, "PUT", `${location}${separator}digest=${encodeURIComponent(digest)}`, rest);
    return { digest, size, milliseconds: performance.now() - start };
  } finally {
    agent.destroy();
  }
}

/** An image whose layers are these blobs, pushed before. */
export async function pushManifest(place: RegistryPlace, tag: string, layers: readonly PushedBlob[]): Promise<void> {
  const config = await pushBlob(place, 1500);
  const described = layers.map(({ digest, size }) => ({
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest,
    size,
  }));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageManifest,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config.digest, size: config.size },
    layers: described,
  });
  const agent = new Agent();
  const path = `/v2/${place.repository}/manifests/${tag}`;
  await send(place, agent, "PUT", path, Buffer.from(manifest), { "content-type": imageManifest });
}

async function send(
  { origin, headers: own }: RegistryPlace,
  agent: Agent,
  method: string,
  path: string,
  body: Buffer = Buffer.alloc(0),
  further: Record<string, string> = {},
): Promise<IncomingMessage> {
  const headers = { ...own, ...further, "content-length": body.length };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(new URL(path, origin), { method, headers, agent }, resolve).on("error", reject);
    writeBlocks(asked, body);
  });
  const text = await readText(answer);
  if ((answer.statusCode ?? 500) >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  return answer;
}

function writeBlocks(to: NodeJS.WritableStream, body: Buffer, at = 0): void {
  for (let next = at; next < body.length; next += blockSize) {
    if (to.write(body.subarray(next, next + blockSize))) continue;
    to.once("drain", () => writeBlocks(to, body, next + blockSize));
    return;
  }
  to.end();
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      origin: { type: "string", default: "" },
      repository: { type: "string", default: "" },
      size: { type: "string", default: "" },
      chunk: { type: "string" },
    },
  });
  const authorization = process.env.AUTHORIZATION;
  const place = {
    origin: values.origin,
    repository: values.repository,
    headers: authorization === undefined ? {} : { authorization },
  };
  const chunk = values.chunk === undefined ? undefined : Number(values.chunk);
  const pushed = await pushBlob(place as RegistryPlace, Number(values.size), chunk);
  process.stdout.write(`${JSON.stringify(pushed)}\n`);
}
