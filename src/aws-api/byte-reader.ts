/** Reads lines and counted bytes from a stream of chunks. */
export interface ByteReader {
  /** Up to CRLF or LF, which is left off; undefined at the end of the stream. */
  readLine(): Promise<string | undefined>;
  /** In pieces as they arrive; throws `onEnd()` where the stream ends before. */
  readBytes(count: number): AsyncGenerator<Buffer, void>;
}

/** Chunk headers and trailers are short. */
const longestLine = 16 * 1024;

export function openByteReader(source: AsyncIterable<Buffer>, onEnd: () => Error): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let waiting: Buffer = Buffer.alloc(0);

  async function readMore(): Promise<boolean> {
    const { value, done } = await iterator.next();
    if (done === true) return false;
    waiting = waiting.length === 0 ? value : Buffer.concat([waiting, value]);
    return true;
  }

  return {
    async readLine() {
      for (;;) {
        const end = waiting.indexOf("\n");
        if (end >= 0) {
          const line = waiting.subarray(0, end).toString("latin1");
          waiting = waiting.subarray(end + 1);
          return line.replace(/\r$/, "");
        }
        if (waiting.length > longestLine) throw onEnd();
        if (await readMore()) continue;
        const rest = waiting.toString("latin1");
        waiting = Buffer.alloc(0);
        return rest === "" ? undefined : rest;
      }
    },
    async *readBytes(count) {
      let left = count;
      while (left > 0) {
        if (waiting.length === 0 && !(await readMore())) throw onEnd();
        const piece = waiting.subarray(0, left);
        waiting = waiting.subarray(piece.length);
        left -= piece.length;
        if (piece.length > 0) yield piece;
      }
    },
  };
}
