import { type BlockPool, blockSize, type LentBlock, type SharedBlock } from "../../registry/block-pool.ts";
import type { BlockReader } from "../../registry/registry-content.ts";
import type { PulledBlobWriter } from "./pulled-content.ts";

export interface ByteSpan {
  start: number;
  /** Inclusive. */
  end: number;
}

/** Bytes. So much of a blob's end is shown only once its digest is verified: nobody gets a corrupt blob whole. */
export const withheldSize = 64 * 1024;
/** Blocks that stay in memory for the readers that keep up; the others read the file. */
const recentBlocks = 8;
/** Milliseconds that one block is waited with for a reader: whoever takes less than 100 MB a second is not waited for. */
const pacePatience = 10;
/** Pieces read from the file that stay in memory: readers that lag behind lag alike, and one read serves them all. */
const sharedReads = 16;

export interface ArrivingBlobOptions {
  size: number;
  writer: Pick<PulledBlobWriter, "readSoFar">;
  pool: BlockPool;
  /** Aborted with the reason where no more will come. */
  signal: AbortSignal;
}

/** What is here of a blob that is on its way, in memory and in its file. */
export interface ArrivingBlob {
  readonly size: number;
  readonly received: number;
  readonly isVerified: boolean;
  readonly signal: AbortSignal;
  /**
   * Its first user's part passes to the blob, which shows it at once. Resolves when the file has it, as `written` tells; only
   * then the next one may follow, since what the file lacks must be in memory.
   */
  add(block: SharedBlock, written: Promise<unknown>): Promise<void>;
  /** Waits a moment for the foremost reader, if it keeps up: what it takes from memory need not be read again. */
  keepPace(): Promise<void>;
  /** The digest is verified. */
  showAll(): void;
  /** Where what is shown ends for now. */
  shownEnd(): number;
  /** At least one byte from `position` on, and none from `until` on. */
  lend(position: number, until: number): Promise<LentBlock>;
  /** Calls once when there is more, or will be none. */
  waiting: Set<() => void>;
  wake(): void;
  /** Gives back the memory that no reader has. */
  letGo(): void;
}

/** A piece of the file, by its number; `filled` when it is read. */
interface Piece {
  block: SharedBlock;
  filled: Promise<unknown>;
}

export function openArrivingBlob({ size, writer, pool, signal }: ArrivingBlobOptions): ArrivingBlob {
  const recent: { start: number; block: SharedBlock }[] = [];
  const waiting = new Set<() => void>();
  const file = openFilePieces(writer, pool, size);
  const pace = openPace();
  let received = 0;
  /** Bytes that the file has. */
  let stored = 0;
  let isVerified = false;

  function wake(): void {
    const woken = [...waiting];
    waiting.clear();
    for (const go of woken) go();
  }

  return {
    size,
    signal,
    waiting,
    wake,
    get received() {
      return received;
    },
    get isVerified() {
      return isVerified;
    },
    async add(block, written) {
      recent.push({ start: received, block });
      received += block.bytes.byteLength;
      if (recent.length > recentBlocks) recent.shift()?.block.release();
      wake();
      await written;
      stored = received;
    },
    async keepPace() {
      const [oldest] = recent;
      if (oldest === undefined || recent.length < recentBlocks) return;
      await pace.reach(oldest.start + oldest.block.bytes.byteLength);
    },
    showAll() {
      isVerified = true;
      wake();
    },
    shownEnd: () => (isVerified ? size : Math.min(received, size - withheldSize)),
    async lend(position, until) {
      const found = recent.find(({ start, block }) => position >= start && position < start + block.bytes.byteLength);
      if (found === undefined) return file.lend(position, Math.min(until, stored), stored);
      const lent = part(found.block.share(), position - found.start, until - found.start);
      pace.note(position + lent.bytes.byteLength);
      return lent;
    },
    letGo() {
      for (const { block } of recent.splice(0)) block.release();
      file.letGo();
    },
  };
}

/** How far the foremost of those readers is that take from memory. Once it was late it is not waited for, until it takes again. */
function openPace() {
  let foremost = 0;
  let isLate = false;
  let onNote: (() => void) | undefined;
  return {
    note(position: number): void {
      foremost = Math.max(foremost, position);
      isLate = false;
      onNote?.();
    },
    async reach(position: number): Promise<void> {
      while (foremost < position && !isLate) {
        isLate = true;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pacePatience);
          onNote = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      onNote = undefined;
    },
  };
}

/** The blob's file, in pieces that those who lag behind share. */
function openFilePieces(writer: ArrivingBlobOptions["writer"], pool: BlockPool, size: number) {
  /** The oldest first. */
  const pieces = new Map<number, Piece>();

  function read(start: number, end: number): Piece {
    const bytes = pool.take(end - start).subarray(0, end - start);
    const filled = writer.readSoFar({ start, end: start + bytes.byteLength - 1 }, bytes);
    return { block: pool.lend(bytes), filled };
  }
  function drop(number: number): void {
    pieces.get(number)?.block.release();
    pieces.delete(number);
  }
  function keep(number: number, piece: Piece): Piece {
    pieces.set(number, piece);
    piece.filled.catch(() => pieces.get(number) === piece && drop(number));
    for (const oldest of pieces.keys()) {
      if (pieces.size <= sharedReads) break;
      drop(oldest);
    }
    return piece;
  }
  /** Shared before it is filled: it may be dropped meanwhile. */
  function take(number: number, start: number, end: number): Piece {
    const piece = pieces.get(number) ?? keep(number, read(start, end));
    return { ...piece, block: piece.block.share() };
  }

  return {
    async lend(position: number, until: number, stored: number): Promise<LentBlock> {
      const number = Math.floor(position / blockSize);
      const start = number * blockSize;
      const end = Math.min(start + blockSize, size);
      // The last one may still grow, and memory may be scarce: then what is read is this reader's alone.
      const isShared = pieces.has(number) || (end <= stored && !pool.isScarce);
      const { block, filled } = isShared ? take(number, start, end) : read(position, Math.min(end, until));
      try {
        await filled;
      } catch (error) {
        block.release();
        throw error;
      }
      return isShared ? part(block, position - start, until - start) : block;
    },
    letGo() {
      for (const number of [...pieces.keys()]) drop(number);
    },
  };
}

function part({ bytes, release }: LentBlock, start: number, end: number): LentBlock {
  return { bytes: bytes.subarray(start, end), release };
}

/** Takes what the client takes: a slow one holds nobody up, and one that keeps up reads no file. */
export function followBlob(blob: ArrivingBlob, { start, end }: ByteSpan, onClose: () => void): BlockReader {
  let position = start;
  let isClosed = false;
  let goOn: (() => void) | undefined;
  return {
    async next() {
      while (!isClosed && position <= end) {
        // What is verified is whole, whatever fails later.
        if (blob.signal.aborted && !blob.isVerified) throw blob.signal.reason;
        const until = Math.min(blob.shownEnd(), end + 1);
        if (position < until) {
          const block = await blob.lend(position, until);
          position += block.bytes.byteLength;
          return block;
        }
        await new Promise<void>((resolve) => {
          goOn = resolve;
          blob.waiting.add(resolve);
        });
      }
      return undefined;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      if (goOn !== undefined) blob.waiting.delete(goOn);
      goOn?.();
      onClose();
    },
  };
}
