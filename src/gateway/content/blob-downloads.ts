import type { Digest } from "../../oci/digest.ts";
import { type BlockPool, createBlockPool } from "../../registry/block-pool.ts";
import type { OpenBlob } from "../../registry/registry-content.ts";
import { type Leases, noReplicas } from "../leases.ts";
import type { UpstreamBlob, UpstreamClient } from "../upstream/upstream-client.ts";
import { UpstreamFailure } from "../upstream/upstream-failure.ts";
import { fetchBlocks } from "./fetch-blocks.ts";
import { passBlobThrough } from "./pass-blob-through.ts";
import type { PulledBlobWriter, PulledContent } from "./pulled-content.ts";
import { type SharedDownload, startSharedDownload, verifyBlob } from "./shared-download.ts";

export interface BlobDownloadsOptions {
  upstream: UpstreamClient;
  content: PulledContent;
  /** The canonical name under which `content` keeps what the upstream calls `repository`. */
  nameOf(repository: string): string;
  /** Of replicas that share the content; none where absent. */
  leases?: Leases;
  /** Its own where absent. */
  pool?: BlockPool;
  /** A blob was served and verified and could not be stored. */
  onStoreFailure?: (error: unknown) => void;
}

/** The blobs of one upstream: from what was pulled before, or fetched once for all who ask meanwhile. */
export interface BlobDownloads {
  /**
   * Undefined is the upstream's word that there is no such blob. Throws UpstreamFailure, the same to all who wait; the next
   * asker starts afresh. `size` is the descriptor's, where it is known: another one is refused as faulty.
   */
  open(repository: string, digest: Digest, size?: number): Promise<OpenBlob | undefined>;
  /** Stops what is on its way and waits until nothing of it is left. */
  close(): Promise<void>;
}

type DownloadParts = BlobDownloadsOptions & { pool: BlockPool };

/** Undefined where it can no longer be read, but for what is stored of it. */
type Open = () => OpenBlob | undefined;

interface Download {
  /** Canonical names of those whose upstream has confirmed the blob. */
  names: Set<string>;
  /** Undefined where the upstream has no such blob. */
  opened: Promise<Open | undefined>;
  done: Promise<void>;
  controller: AbortController;
}

/**
 * Milliseconds that a blob on its way into the shared content through another replica is waited for. Its clients get no
 * byte meanwhile, and load balancers break off silent connections after a minute; blobs are not what upstreams count.
 */
const leasePatience = 20_000;

type Found = OpenBlob | "absent" | "look again";

export function openBlobDownloads(options: BlobDownloadsOptions): BlobDownloads {
  const { content, nameOf } = options;
  const downloads = new Map<Digest, Download>();
  const parts = { ...options, pool: options.pool ?? createBlockPool() };
  const confirm = createConfirmation(options.upstream);
  let isClosed = false;

  function start(repository: string, digest: Digest, size: number | undefined): Download {
    const download = startDownload(parts, { repository, digest, size }, () => {
      if (downloads.get(digest) === download) downloads.delete(digest);
    });
    downloads.set(digest, download);
    return download;
  }

  /** A blob that is here through another repository only. */
  async function linkStored(repository: string, digest: Digest): Promise<Found | undefined> {
    if (downloads.has(digest) || !(await content.isBlobHere(digest))) return undefined;
    // Another replica may have brought it for this repository since the first look.
    if ((await content.findBlob(nameOf(repository), digest)) !== undefined) return "look again";
    if (!(await confirm(repository, digest))) return "absent";
    return (await content.linkBlob(nameOf(repository), digest)) ? "look again" : undefined;
  }

  async function join(download: Download, repository: string, digest: Digest): Promise<Found> {
    const name = nameOf(repository);
    if (!download.names.has(name)) {
      if (!(await confirm(repository, digest))) return "absent";
      // It may be over by now.
      if (downloads.get(digest) !== download) return "look again";
      download.names.add(name);
    }
    const opened = await download.opened;
    if (download.controller.signal.aborted) return "look again";
    return opened === undefined ? "absent" : (opened() ?? "look again");
  }

  async function tryOpen(repository: string, digest: Digest, size?: number): Promise<Found> {
    const stored = await content.findBlob(nameOf(repository), digest);
    if (stored !== undefined) return openStored(content, digest, stored);
    const linked = await linkStored(repository, digest);
    if (linked !== undefined) return linked;
    return join(downloads.get(digest) ?? start(repository, digest, size), repository, digest);
  }

  return {
    async open(repository, digest, size) {
      while (!isClosed) {
        const found = await tryOpen(repository, digest, size);
        if (found === "absent") return undefined;
        if (found !== "look again") return found;
      }
      throw closing();
    },
    async close() {
      isClosed = true;
      await stopAll([...downloads.values()]);
    },
  };
}

async function stopAll(running: readonly Download[]): Promise<void> {
  for (const { controller } of running) controller.abort(closing());
  await Promise.all(running.map(({ done }) => done));
}

function closing(): UpstreamFailure {
  return new UpstreamFailure("unavailable", "the gateway is closing");
}

/** That a blob is here through one repository shows nothing to another until the upstream says that it has it too. */
function createConfirmation(upstream: UpstreamClient): (repository: string, digest: Digest) => Promise<boolean> {
  const asked = new Map<string, Promise<boolean>>();
  return (repository, digest) => {
    const key = `${repository} ${digest}`;
    const running = asked.get(key);
    if (running !== undefined) return running;
    const answer = upstream
      .headBlob(repository, digest)
      .then((size) => size !== undefined)
      .finally(() => asked.delete(key));
    asked.set(key, answer);
    return answer;
  };
}

type Asked = Pick<Wanted, "repository" | "digest" | "size">;

/** The lease is held until the blob is stored, so that another replica which waits finds it there. */
function startDownload(options: DownloadParts, asked: Asked, onOver: () => void): Download {
  const { leases = noReplicas, nameOf } = options;
  const controller = new AbortController();
  const names = new Set([nameOf(asked.repository)]);
  const { signal } = controller;
  signal.addEventListener("abort", onOver);
  const { promise: opened, resolve, reject } = Promise.withResolvers<Open | undefined>();
  let begun: Begun | undefined;
  const work = async () => {
    signal.throwIfAborted();
    begun = (await findBrought(options, asked)) ?? (await beginDownload(options, { ...asked, names, controller }));
    resolve(begun?.open);
    await begun?.done;
  };
  // Every waiter gets the failure; without one it is nobody's.
  opened.catch(() => undefined);
  const done = leases.hold(`blob ${asked.digest}`, work, { patience: leasePatience, signal }).catch(reject);
  const end = () => {
    onOver();
    begun?.close?.();
  };
  return { names, controller, opened, done: done.then(end) };
}

/** What another replica has stored while this one waited for its turn. */
async function findBrought({ content, upstream, nameOf }: BlobDownloadsOptions, { repository, digest }: Asked) {
  const name = nameOf(repository);
  if (!(await content.isBlobHere(digest))) return;
  let size = await content.findBlob(name, digest);
  if (size === undefined) {
    if ((await upstream.headBlob(repository, digest)) === undefined) return;
    if (!(await content.linkBlob(name, digest))) return;
    size = await content.findBlob(name, digest);
  }
  if (size === undefined) return;
  const blob = openStored(content, digest, size);
  return { open: () => blob, done: Promise.resolve() };
}

interface Wanted {
  repository: string;
  digest: Digest;
  size: number | undefined;
  names: Set<string>;
  controller: AbortController;
}

interface Begun {
  open: Open;
  done: Promise<void>;
  /** Nobody opens it any more. */
  close?(): void;
}

/** Asks the upstream; from its first answer on it is known how the blob gets to those who wait. */
async function beginDownload(options: DownloadParts, wanted: Wanted): Promise<Begun | undefined> {
  const { upstream, content, nameOf, pool } = options;
  const { repository, digest, controller } = wanted;
  const { signal } = controller;
  const fetch = (start: number) => upstream.getBlob(repository, digest, start);
  const first = await fetch(0);
  if (first === undefined) return undefined;
  // Whatever becomes of it before somebody reads it.
  first.body.on("error", () => undefined);
  try {
    signal.throwIfAborted();
    const size = checkSize(first, wanted);
    const source = { name: `blob ${digest} of ${nameOf(repository)}`, size, first, fetch, signal };
    const writer = await content.startBlob(nameOf(repository), size, digest);
    if (writer === undefined) {
      if (size === undefined) throw new UpstreamFailure("faulty", `${source.name} has no size, and there is no room`);
      const blob = passBlobThrough({ ...source, size }, digest);
      return { open: () => blob, done: Promise.resolve() };
    }
    if (size === undefined) return await storeFirst(options, wanted, writer, fetchBlocks(source));
    const { onStoreFailure } = options;
    const blocks = fetchBlocks(source, { take: pool.take });
    const download = startSharedDownload({ digest, size, writer, blocks, pool, controller, onStoreFailure });
    return {
      open: () => openShared(download),
      done: download.done.then(() => linkAll(content, wanted)),
      close: download.close,
    };
  } catch (error) {
    first.body.destroy();
    throw error;
  }
}

function checkSize(first: UpstreamBlob, { digest, size }: Wanted): number | undefined {
  if (first.size !== undefined && size !== undefined && first.size !== size) {
    throw new UpstreamFailure("faulty", `blob ${digest} has ${first.size} bytes, and its manifest says ${size}`);
  }
  return first.size ?? size;
}

/** A blob that was pulled before. */
export function openStored(content: PulledContent, digest: Digest, size: number): OpenBlob {
  const { blobLocation, openBlobFile } = content;
  return {
    size,
    read: (range) => content.readBlob(digest, range),
    ...(blobLocation === undefined ? {} : { location: () => blobLocation(digest) }),
    ...(openBlobFile === undefined ? {} : { openFile: () => openBlobFile(digest) }),
  };
}

function openShared(download: SharedDownload): OpenBlob | undefined {
  if (!download.isOpen) return undefined;
  const arrive = download.expectReader();
  return {
    size: download.size,
    read(range) {
      const stream = download.read(range);
      arrive();
      return stream;
    },
    follow(range) {
      const reader = download.follow(range);
      arrive();
      return reader;
    },
    close: arrive,
  };
}

/** Without a size no client can be answered before the end: all wait until it is stored. */
async function storeFirst(
  { content }: BlobDownloadsOptions,
  wanted: Wanted,
  writer: PulledBlobWriter,
  blocks: AsyncIterable<Buffer>,
): Promise<Begun> {
  const { digest } = wanted;
  try {
    for await (const block of blocks) await writer.append(block);
    await verifyBlob(writer, digest);
    const { size } = await writer.finish(digest);
    await writer.close();
    await linkAll(content, wanted);
    return { open: () => openStored(content, digest, size), done: Promise.resolve() };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** For those that joined while it was on its way; nothing happens where it was not stored. */
async function linkAll(content: PulledContent, { names, digest }: Wanted): Promise<void> {
  for (const name of names) await content.linkBlob(name, digest).catch(() => false);
}
