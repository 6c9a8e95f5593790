// A server that does only what any registry or cache has to do with a blob's bytes, and nothing of a registry's work:
// `node bench/floors/bare-server.ts --port N --work receive|hash|write|sync [--upstream URL] [--directory DIR]`.
// Each work includes the ones before it. With an upstream it passes every GET on; without one it takes pushes.
import { createHash } from "node:crypto";
import { closeSync, fdatasync, openSync, unlinkSync, write } from "node:fs";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";

const works = ["receive", "hash", "write", "sync"];
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    work: { type: "string", default: "receive" },
    upstream: { type: "string" },
    directory: { type: "string", default: "/tmp" },
  },
});
const depth = works.indexOf(values.work);
const writeBlock = promisify(write);
const sync = promisify(fdatasync);
let files = 0;

createServer({ highWaterMark: 1024 * 1024 }, (request, response) => {
  const answer = values.upstream === undefined ? takePush(request, response) : passOn(request, response);
  answer.catch((error) => response.destroy(error));
}).listen(Number(values.port), "127.0.0.1");

async function takePush(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await consume(request);
  const status = { POST: 202, PATCH: 202, PUT: 201 }[request.method ?? ""] ?? 200;
  response.writeHead(status, { location: "/v2/floor/blobs/uploads/1" }).end();
}

async function passOn({ url = "/", headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  // With the client's Host header: the upstream's links to its blobs lead back here.
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${values.upstream}${url}`, { headers }, resolve).on("error", reject);
  });
  const { location } = answer.headers;
  if (location !== undefined && new URL(location, `http://${headers.host}`).host !== headers.host) {
    throw new Error(`the client would pass the relay by: ${location}`);
  }
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await consume(answer, async (block) => {
    if (!response.write(block)) await new Promise((resolve) => response.once("drain", resolve));
  });
  response.end();
}

async function consume(body: IncomingMessage, each: (block: Buffer) => Promise<void> = async () => {}): Promise<void> {
  const hash = createHash("sha256");
  const path = join(values.directory, `floor-${process.pid}-${files++}`);
  const file = depth >= works.indexOf("write") ? openSync(path, "w") : undefined;
  for await (const block of body as AsyncIterable<Buffer>) {
    if (depth >= works.indexOf("hash")) hash.update(block);
    if (file !== undefined) await writeBlock(file, block);
    await each(block);
  }
  hash.digest();
  if (file === undefined) return;
  if (depth >= works.indexOf("sync")) await sync(file);
  closeSync(file);
  unlinkSync(path);
}
