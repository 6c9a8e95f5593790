// ustar with the additions that Go and GNU tar write for long names and large files:
// https://www.gnu.org/software/tar/manual/html_node/Standard.html
import type { FileHandle } from "node:fs/promises";
import { posix } from "node:path";

/** Where a file's content stands in the archive. */
export interface TarMember {
  offset: number;
  size: number;
}

const block = 512;

/** Files by path; a link is a second name of its target. Reads headers only. Throws an Error for what is no archive. */
export async function readTarEntries(handle: FileHandle): Promise<Map<string, TarMember>> {
  const files = new Map<string, TarMember>();
  const links: [path: string, target: string][] = [];
  const header = Buffer.alloc(block);
  let longer: Record<string, string> = {};
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(header, 0, block, position);
    if (bytesRead < block || isEnd(header)) break;
    checkHeader(header);
    const type = String.fromCharCode(header[156] as number);
    const size = Number(longer.size ?? numberAt(header, 124, 12));
    const offset = position + block;
    position = offset + Math.ceil(size / block) * block;
    if (type === "x" || type === "L" || type === "K") {
      const content = Buffer.alloc(size);
      await handle.read(content, 0, size, offset);
      longer = { ...longer, ...readExtension(type, content) };
      continue;
    }
    const path = posix.normalize(longer.path ?? pathOf(header));
    const target = longer.linkpath ?? textAt(header, 157, 100);
    if (type === "0" || type === "\0") files.set(path, { offset, size });
    if (type === "2") links.push([path, posix.join(posix.dirname(path), target)]);
    if (type === "1") links.push([path, posix.normalize(target)]);
    longer = {};
  }
  return new Map([...files, ...followLinks(links, files)]);
}

function followLinks(links: [path: string, target: string][], files: ReadonlyMap<string, TarMember>) {
  return links.flatMap(([path, target]): [string, TarMember][] => {
    const file = files.get(target);
    return file === undefined ? [] : [[path, file]];
  });
}

function isEnd(header: Buffer): boolean {
  return header.every((byte) => byte === 0);
}

/** The sum of all bytes, with its own field counted as blanks. */
function checkHeader(header: Buffer): void {
  const own = header.subarray(148, 156).reduce((total, byte) => total + byte, 0);
  const sum = header.reduce((total, byte) => total + byte, 0) - own + 8 * 0x20;
  if (sum !== numberAt(header, 148, 8)) throw new Error("it is no tar archive");
}

function pathOf(header: Buffer): string {
  const name = textAt(header, 0, 100);
  const prefix = header.toString("latin1", 257, 263) === "ustar\0" ? textAt(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Records of pax (`LENGTH KEY=VALUE\n`), or GNU's long name and link. */
function readExtension(type: "x" | "L" | "K", content: Buffer): Record<string, string> {
  if (type !== "x") return { [type === "L" ? "path" : "linkpath"]: content.toString("utf8").replace(/\0.*$/s, "") };
  const records: Record<string, string> = {};
  for (let start = 0; start < content.length; ) {
    const length = Number.parseInt(content.toString("latin1", start, start + 20), 10);
    if (!(length > 0)) break;
    const [, key, value] = /^\d+ ([^=]+)=(.*)\n$/s.exec(content.toString("utf8", start, start + length)) ?? [];
    if (key !== undefined && value !== undefined) records[key] = value;
    start += length;
  }
  return records;
}

function textAt(header: Buffer, offset: number, length: number): string {
  return header.toString("utf8", offset, offset + length).replace(/\0.*$/s, "");
}

/** Octal digits, or binary where the first bit is set: sizes of 8 GiB and more. */
function numberAt(header: Buffer, offset: number, length: number): number {
  const field = header.subarray(offset, offset + length);
  if (((field[0] as number) & 0x80) === 0)
    return Number.parseInt(field.toString("latin1").replace(/[\0 ]+$/, ""), 8) || 0;
  return Number(BigInt(`0x${Buffer.from([(field[0] as number) & 0x7f, ...field.subarray(1)]).toString("hex")}`));
}
