// A GET whose body is counted and thrown away, with as little work for each byte as Node allows: an ordinary HTTP client
// takes two thirds of a core at 1 GB/s, and what is to be measured is the server.
import { connect } from "node:net";

export interface Drained {
  status: number;
  /** Lower-case names. */
  headers: ReadonlyMap<string, string>;
  /** Of the body. */
  bytes: number;
}

/** Bodies need a content-length. The connection is the request's own; `memory` may serve any number of requests. */
export function drainBlob(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { memory, localAddress }: { memory: Uint8Array; localAddress?: string | undefined },
): Promise<Drained> {
  const lines = Object.entries({ ...headers, host: url.host, connection: "close" });
  const asked = `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return new Promise((resolve, reject) => {
    let unread = "";
    let answer: Drained | undefined;
    const take = (size: number): boolean => {
      if (answer === undefined) {
        unread += Buffer.from(memory.buffer, memory.byteOffset, size).toString("latin1");
        const end = unread.indexOf("\r\n\r\n");
        if (end === -1) return true;
        answer = { ...parseHead(unread.slice(0, end)), bytes: unread.length - end - 4 };
      } else {
        answer.bytes += size;
      }
      return true;
    };
    const socket = connect({
      host: url.hostname,
      port: Number(url.port || 80),
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: { buffer: memory, callback: take },
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const length = answer?.headers.get("content-length");
      if (answer === undefined || (length !== undefined && answer.bytes !== Number(length))) {
        reject(new Error(`${answer?.bytes ?? 0} bytes came of ${length ?? "nothing"}`));
      } else {
        resolve(answer);
      }
    });
    socket.write(asked);
  });
}

function parseHead(head: string): Pick<Drained, "status" | "headers"> {
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(" ")[1]), headers };
}
