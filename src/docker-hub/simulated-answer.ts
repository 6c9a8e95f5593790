import type { SimulatedBlob } from "./simulated-images.ts";

/** What the simulator answers, before it is written to a socket. */
export interface SimulatedAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer | SimulatedBlob;
}

export function jsonAnswer(value: unknown): SimulatedAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

export function textAnswer(status: number, text: string, headers: Record<string, string> = {}): SimulatedAnswer {
  return { status, headers: { "content-type": "text/plain", ...headers }, body: text };
}

/** The error body of the distribution specification. */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  more: { headers?: Record<string, string>; detail?: unknown } = {},
): SimulatedAnswer {
  const error = { code, message, ...(more.detail === undefined ? {} : { detail: more.detail }) };
  return {
    status,
    headers: { "content-type": "application/json", ...more.headers },
    body: JSON.stringify({ errors: [error] }),
  };
}

/** Content as a content host sends it: whole, or the one range that was asked for (RFC 9110, 14.2). */
export function contentAnswer(blob: SimulatedBlob, range: string | undefined): SimulatedAnswer {
  const { size } = blob;
  const headers = { "content-type": "application/octet-stream", "accept-ranges": "bytes" };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined) return { status: 200, headers, body: blob };
  const start = Number(first);
  const end = Math.min(size, last === undefined || last === "" ? size : Number(last) + 1);
  if (start >= end) return textAnswer(416, "Range Not Satisfiable\n", { "content-range": `bytes */${size}` });
  const body: SimulatedBlob = { size: end - start, read: (from, to) => blob.read(start + from, start + to) };
  return { status: 206, headers: { ...headers, "content-range": `bytes ${start}-${end - 1}/${size}` }, body };
}
