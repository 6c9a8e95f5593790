/** Blocks of this size reach the throughput of much larger ones. */
export const blockSize = 1024 * 1024;
/** Blocks that wait to be filled again. */
const maximumIdle = 16;

/** A block that several use at once. Its memory is filled again when the last of them has let go. */
export interface SharedBlock {
  readonly bytes: Buffer;
  /** One user more, who has to release it too. */
  share(): SharedBlock;
  /** Once for each user. `isFree` is false where somebody may still read it later on. */
  release(isFree?: boolean): void;
}

/** Memory of blocks, used again and again: fresh blocks come on fresh pages, and a collector has to find the old ones. */
export interface BlockMemory {
  take(): Buffer;
  /** What `take` gave, or a part of it, for its first user. */
  share(bytes: Buffer): SharedBlock;
}

export function createBlockMemory(): BlockMemory {
  const idle: Buffer[] = [];
  const giveBack = ({ buffer }: Buffer) => {
    if (idle.length < maximumIdle) idle.push(Buffer.from(buffer));
  };
  return {
    take: () => idle.pop() ?? Buffer.allocUnsafeSlow(blockSize),
    share: (bytes) => shareBlock(bytes, giveBack),
  };
}

function shareBlock(bytes: Buffer, giveBack: (bytes: Buffer) => void): SharedBlock {
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
      if (users === 0 && isFree) giveBack(bytes);
    },
  };
  return block;
}
