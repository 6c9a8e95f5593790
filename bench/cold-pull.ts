// Cold pulls of one image's blobs (5 layers, 200 MB) by a light client that throws the bytes away: straight from the
// upstream, and through shared downloads that store and verify, by one client and by 20 at once.
// `node bench/cold-pull.ts [--repetitions N] [--directory DIR]`. Upstream and gateway are processes of their own.
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openBlobDownloads } from "../src/gateway/content/blob-downloads.ts";
import { openLocalPulledContent } from "../src/gateway/content/local-pulled-content.ts";
import type { Digest } from "../src/oci/digest.ts";
import { openFileContentStore } from "../src/store/file-content-store.ts";
import { openSqliteStore } from "../src/store/sqlite-store.ts";
import { stateLayout } from "../src/store/state-layout.ts";
import { blobClient, startBlobUpstream } from "../test/fixtures/blob-upstream.ts";
import { alternate, readRepetitions } from "./alternate.ts";

const repository = "library/app";
const layerSizes = [90, 60, 30, 15, 5].map((megabytes) => megabytes * 1_000_000);
const clients = 20;

async function runUpstream(): Promise<void> {
  const { url, add } = await startBlobUpstream();
  process.send?.({ url, digests: layerSizes.map((size) => add(randomBytes(size), repository)) });
}

async function runGateway(upstream: string, root: string): Promise<void> {
  const { gateway } = stateLayout(root);
  const files = openFileContentStore(gateway);
  const content = openLocalPulledContent({ store: openSqliteStore(gateway.database), content: files, now: Date.now });
  const downloads = openBlobDownloads({ upstream: blobClient(upstream), content, nameOf: (name) => name });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const blob = await downloads.open(repository, request.url?.split("/").at(-1) as Digest);
    if (blob === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-length": blob.size });
    await pipeline(await blob.read(), response);
  }
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1", () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
}

function start<Said>(words: string[]): Promise<{ child: ChildProcess; said: Said }> {
  const child = fork(import.meta.filename, words);
  return new Promise((resolve, reject) => {
    child.once("message", (said) => resolve({ child, said: said as Said }));
    child.once("exit", (status) => reject(new Error(`the ${words[0]} ended with status ${status}`)));
  });
}

/** All of the image's blobs at once, as clients do. */
async function pull(url: string, digests: Digest[], agent: Agent): Promise<void> {
  const sizes = digests.map(
    (digest) =>
      new Promise<number>((resolve, reject) => {
        const asked = get(`${url}/${repository}/${digest}`, { agent }, (response) => {
          let size = 0;
          response.on("data", (chunk: Buffer) => {
            size += chunk.byteLength;
          });
          response.on("end", () => resolve(size)).on("error", reject);
        });
        asked.on("error", reject);
      }),
  );
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  if (bytes !== layerSizes.reduce((sum, size) => sum + size, 0)) throw new Error(`pulled ${bytes} bytes`);
}

async function measure(url: string, digests: Digest[], count: number): Promise<Record<string, number>> {
  const agent = new Agent({ keepAlive: true });
  const before = performance.now();
  await Promise.all(Array.from({ length: count }, () => pull(url, digests, agent)));
  const wall = performance.now() - before;
  agent.destroy();
  return { wall };
}

async function compare(words: string[]): Promise<void> {
  const parent = words.includes("--directory") ? (words[words.indexOf("--directory") + 1] as string) : tmpdir();
  const { child, said } = await start<{ url: string; digests: Digest[] }>(["upstream"]);
  const { url, digests } = said;
  async function measureCold(count: number) {
    const root = mkdtempSync(join(parent, "chubo-cold-"));
    const gateway = await start<{ url: string }>(["gateway", url, root]);
    try {
      return await measure(gateway.said.url, digests, count);
    } finally {
      const ended = new Promise((resolve) => gateway.child.once("exit", resolve));
      gateway.child.kill();
      await ended;
      rmSync(root, { recursive: true });
    }
  }
  const subjects = {
    "straight, 1 client": () => measure(url, digests, 1),
    "shared, 1 client": () => measureCold(1),
    [`straight, ${clients} clients`]: () => measure(url, digests, clients),
    [`shared, ${clients} clients`]: () => measureCold(clients),
  };
  const medians = await alternate(subjects, readRepetitions(words, 5));
  child.kill();
  for (const [name, { wall = 0 }] of Object.entries(medians)) {
    const served = (200 * (name.includes(" 1 ") ? 1 : clients)) / wall;
    console.log(`${name.padEnd(22)} ${wall.toFixed(0).padStart(6)} ms ${served.toFixed(2)} GB/s served`);
  }
}

const [role, ...words] = process.argv.slice(2);
// Not to outlive a parent that was killed.
process.once("disconnect", () => process.exit());
if (role === "upstream") await runUpstream();
else if (role === "gateway") await runGateway(words[0] as string, words[1] as string);
else await compare(process.argv.slice(2));
