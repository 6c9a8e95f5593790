// A container engine's pull with nothing behind it: the requests that dockerd makes, the bytes thrown away.
// As a program it pulls with several clients at once and prints one line of JSON:
// `node bench/light-client.ts --origin URL --repository NAME --tag TAG [--clients N] [--local-address A]`
import { Agent, type IncomingMessage, request } from "node:http";
import { parseArgs } from "node:util";
import { drainBlob } from "./drain-blob.ts";

export interface Pull {
  /** `http://HOST:PORT`. */
  origin: string;
  repository: string;
  tag: string;
  /** Address of this machine that the requests come from. */
  localAddress?: string;
}

export interface PullFigures {
  /** HTTP status of the first answer that was no success, or 200. */
  status: number;
  bytes: number;
  milliseconds: number;
}

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

interface Manifest {
  manifests?: { digest: string; platform?: { architecture: string } }[];
  config?: { digest: string };
  layers?: { digest: string }[];
}

class Refused extends Error {
  readonly status: number;
  constructor(status: number, body: string) {
    super(`${status} ${body}`);
    this.status = status;
  }
}

/** HEAD tag, GET index, GET manifest of linux/amd64, then config and layers at once. A token where one is asked for. */
export async function pullLightly(pull: Pull): Promise<PullFigures> {
  const start = performance.now();
  const client = openClient(pull);
  let bytes = 0;
  try {
    const head = await client.ask("HEAD", `manifests/${pull.tag}`);
    const digest = String(head.headers["docker-content-digest"] ?? pull.tag);
    let manifest = JSON.parse(
      head.headers["docker-content-digest"] === undefined ? "{}" : await client.text(digest),
    ) as Manifest;
    if (manifest.manifests !== undefined) {
      const chosen =
        manifest.manifests.find(({ platform }) => platform?.architecture === "amd64") ?? manifest.manifests[0];
      manifest = JSON.parse(await client.text(chosen?.digest ?? "")) as Manifest;
    }
    const digests = [manifest.config, ...(manifest.layers ?? [])].map((descriptor) => descriptor?.digest ?? "");
    const sizes = await Promise.all(digests.map((blob) => client.drain(`blobs/${blob}`)));
    bytes = sizes.reduce((sum, size) => sum + size, 0);
    return { status: 200, bytes, milliseconds: performance.now() - start };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: error.status, bytes, milliseconds: performance.now() - start };
  } finally {
    client.close();
  }
}

function openClient({ origin, repository, localAddress }: Pull) {
  const agent = new Agent({ keepAlive: true });
  /** Nobody looks at a blob's bytes. */
  const memory = new Uint8Array(256 * 1024);
  let authorization: string | undefined;

  function send(method: string, url: URL, withToken: boolean): Promise<IncomingMessage> {
    const headers = withToken && authorization !== undefined ? { accept, authorization } : { accept };
    return new Promise((resolve, reject) => {
      request(url, { method, headers, agent, ...(localAddress === undefined ? {} : { localAddress }) }, resolve)
        .on("error", reject)
        .end();
    });
  }

  async function ask(method: string, path: string): Promise<IncomingMessage> {
    const url = new URL(`/v2/${repository}/${path}`, origin);
    let answer = await send(method, url, true);
    if (answer.statusCode === 401 && authorization === undefined) {
      answer.resume();
      authorization = `Bearer ${await fetchToken(String(answer.headers["www-authenticate"]))}`;
      answer = await send(method, url, true);
    }
    if (answer.statusCode === 307 || answer.statusCode === 302) {
      answer.resume();
      answer = await send(method, new URL(answer.headers.location ?? "", url), false);
    }
    if ((answer.statusCode ?? 500) >= 300) throw new Refused(answer.statusCode ?? 500, await readText(answer));
    if (method === "HEAD") answer.resume();
    return answer;
  }

  async function fetchToken(challenge: string): Promise<string> {
    const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    const url = new URL(part("realm"), origin);
    url.searchParams.set("service", part("service"));
    url.searchParams.set("scope", `repository:${repository}:pull`);
    const answer = await send("GET", url, false);
    if (answer.statusCode !== 200) throw new Refused(answer.statusCode ?? 500, await readText(answer));
    return (JSON.parse(await readText(answer)) as { token: string }).token;
  }

  return {
    ask,
    text: async (digest: string) => readText(await ask("GET", `manifests/${digest}`)),
    /** A token is there by now. */
    async drain(path: string): Promise<number> {
      const own = new URL(`/v2/${repository}/${path}`, origin);
      const headers = { accept, ...(authorization === undefined ? {} : { authorization }) };
      let answer = await drainBlob(own, headers, { memory, localAddress });
      if (answer.status === 307 || answer.status === 302) {
        answer = await drainBlob(
          new URL(answer.headers.get("location") ?? "", own),
          { accept },
          { memory, localAddress },
        );
      }
      if (answer.status >= 300) throw new Refused(answer.status, "");
      return answer.bytes;
    },
    close: () => agent.destroy(),
  };
}

export async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      origin: { type: "string", default: "" },
      repository: { type: "string", default: "" },
      tag: { type: "string", default: "latest" },
      clients: { type: "string", default: "1" },
      "local-address": { type: "string" },
    },
  });
  const { origin, repository, tag, "local-address": localAddress } = values;
  const pull = { origin, repository, tag, ...(localAddress === undefined ? {} : { localAddress }) };
  const pulls = await Promise.all(Array.from({ length: Number(values.clients) }, () => pullLightly(pull)));
  process.stdout.write(`${JSON.stringify(pulls)}\n`);
}
