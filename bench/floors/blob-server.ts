// A server that only sends: `node bench/floors/blob-server.ts --port N --size BYTES --block BYTES [--file PATH]`.
// Any GET is answered with so many bytes, in blocks from memory, or from a file of which one block is read while the one before is sent.
import { openSync, read } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { parseArgs, promisify } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    size: { type: "string", default: "0" },
    block: { type: "string", default: "0" },
    file: { type: "string" },
  },
});
const size = Number(values.size);
const blockSize = Number(values.block);
const file = values.file === undefined ? undefined : openSync(values.file, "r");
const readBlock = promisify(read);
const memory = Buffer.alloc(blockSize, 1);

createServer((_, response) => {
  response.writeHead(200, { "content-length": size });
  void send(response);
}).listen(Number(values.port), "127.0.0.1");

async function send(response: ServerResponse): Promise<void> {
  const blocks = [Buffer.allocUnsafeSlow(blockSize), Buffer.allocUnsafeSlow(blockSize)];
  let sent: Promise<void> | undefined;
  for (let position = 0, turn = 0; position < size && !response.destroyed; turn ^= 1) {
    const wanted = Math.min(blockSize, size - position);
    const block = file === undefined ? memory : (blocks[turn] as Buffer);
    if (file !== undefined) await readBlock(file, block, 0, wanted, position);
    await sent;
    sent = new Promise((resolve) => {
      response.once("close", resolve);
      response.write(block.subarray(0, wanted), () => {
        response.off("close", resolve);
        resolve();
      });
    });
    position += wanted;
  }
  await sent;
  response.end();
}
