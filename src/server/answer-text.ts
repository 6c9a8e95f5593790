import type { ServerResponse } from "node:http";

/** Answers with one line of plain text that begins with the product's name, for whoever reads a build's log. */
export function answerText(response: ServerResponse, status: number, text: string): void {
  const body = `chubo: ${text}\n`;
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
