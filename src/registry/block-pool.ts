/** Blocks of this size reach the throughput of much larger ones; blobs below it are sent in one. */
const blockSize = 1024 * 1024;
/** Once so many blocks are lent, further ones are small: many slow clients must not fill the memory. */
const maximumLent = 48;
const smallSize = 64 * 1024;
/** Blocks that wait for the next response. */
const maximumIdle = 16;

/** Memory to read files into, used again and again: fresh blocks would each be cleared first. */
export interface BlockPool {
  /** A block for at most `wanted` bytes; it may be smaller. */
  take(wanted: number): Buffer;
  /** What was taken, once. `isFree` is false where somebody may still read it. */
  giveBack(block: Buffer, isFree: boolean): void;
}

export function createBlockPool(): BlockPool {
  const idle: Buffer[] = [];
  let lent = 0;
  return {
    take(wanted) {
      if (wanted <= smallSize || lent >= maximumLent) return Buffer.allocUnsafe(Math.min(wanted, smallSize));
      lent += 1;
      return idle.pop() ?? Buffer.allocUnsafeSlow(blockSize);
    },
    giveBack(block, isFree) {
      if (block.byteLength !== blockSize) return;
      lent -= 1;
      if (isFree && idle.length < maximumIdle) idle.push(block);
    },
  };
}
