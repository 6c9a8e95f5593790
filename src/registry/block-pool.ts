import { type InTurn, takeTurns } from "../store/take-turns.ts";

/** Blocks of this size reach the throughput of much larger ones; blobs below it are sent in one. */
export const blockSize = 1024 * 1024;
/** Once so many blocks are lent, further ones are small: many slow clients must not fill the memory. */
const maximumLent = 48;
const smallSize = 64 * 1024;
/** Blocks that wait to be filled again. */
const maximumIdle = 8;
/** Node's thread pool reads so many files at a time: what waits for it needs no memory yet. */
const maximumReads = 4;

/** Bytes in memory that is used again once they are released. */
export interface LentBlock {
  bytes: Buffer;
  /** Once. `isFree` is false where somebody may still read them later on. */
  release(isFree?: boolean): void;
}

/** A block that several use at once. Its memory is filled again when the last of them has released it. */
export interface SharedBlock extends LentBlock {
  /** One user more, who has to release it too. */
  share(): SharedBlock;
}

/** Memory for a blob's bytes, used again and again: fresh blocks come on fresh pages, and a collector has to find the old ones. */
export interface BlockPool {
  /** So much is lent that `take` gives small blocks. */
  readonly isScarce: boolean;
  /** Memory for at most `wanted` bytes; it may be smaller. Where it is never lent, it is lost to the pool. */
  take(wanted?: number): Buffer;
  /** What `take` gave, or a part of it, for its first user. */
  lend(bytes: Buffer): SharedBlock;
  /** Calls `read`, which takes a block and fills it, when it is its turn. */
  readInTurn: InTurn;
}

export function createBlockPool(): BlockPool {
  const idle: Buffer[] = [];
  let lent = 0;
  const isScarce = () => lent >= maximumLent;
  return {
    get isScarce() {
      return isScarce();
    },
    take(wanted = blockSize) {
      if (wanted <= smallSize || isScarce()) return Buffer.allocUnsafe(Math.min(wanted, smallSize));
      return idle.pop() ?? Buffer.allocUnsafeSlow(blockSize);
    },
    lend(bytes) {
      const { buffer } = bytes;
      if (buffer.byteLength !== blockSize) return shareBlock(bytes, () => undefined);
      lent += 1;
      return shareBlock(bytes, (isFree) => {
        lent -= 1;
        if (isFree && idle.length < maximumIdle) idle.push(Buffer.from(buffer));
      });
    },
    readInTurn: takeTurns(maximumReads),
  };
}

function shareBlock(bytes: Buffer, giveBack: (isFree: boolean) => void): SharedBlock {
  let users = 1;
  let isFree = true;
  const block: SharedBlock = {
    bytes,
    share() {
      users += 1;
      return block;
    },
    release(isReleasedFree = true) {
      users -= 1;
      isFree &&= isReleasedFree;
      if (users === 0) giveBack(isFree);
    },
  };
  return block;
}
