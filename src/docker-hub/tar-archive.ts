// ustar, as far as image layers need it: https://www.gnu.org/software/tar/manual/html_node/Standard.html
import { Buffer } from "node:buffer";

export type TarEntry =
  | { path: string; kind: "directory"; mode?: number }
  | { path: string; kind: "file"; content: Uint8Array; mode?: number }
  | { path: string; kind: "symlink"; target: string };

const typeFlags = { file: "0", symlink: "2", directory: "5" } as const;
const block = 512;

/** Owner root, time 0: the same entries make the same bytes. Paths up to 100 bytes; throws for longer ones. */
export function formatTarArchive(entries: readonly TarEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    parts.push(formatHeader(entry));
    if (entry.kind !== "file") continue;
    parts.push(entry.content, Buffer.alloc((block - (entry.content.length % block)) % block));
  }
  parts.push(Buffer.alloc(2 * block));
  return Buffer.concat(parts);
}

/** What stands before a file whose content is made elsewhere; two blocks of zeros end an archive. */
export function formatFileHeader(path: string, size: number): Buffer {
  return formatHeader({ path, kind: "file", content: { length: size } });
}

type HeaderEntry =
  | Exclude<TarEntry, { kind: "file" }>
  | { path: string; kind: "file"; content: { length: number }; mode?: number };

function formatHeader(entry: HeaderEntry): Buffer {
  const header = Buffer.alloc(block);
  const mode = entry.kind === "symlink" ? 0o777 : (entry.mode ?? (entry.kind === "directory" ? 0o755 : 0o644));
  writeText(header, 0, 100, entry.path);
  writeNumber(header, 100, 8, mode);
  writeNumber(header, 108, 8, 0);
  writeNumber(header, 116, 8, 0);
  writeNumber(header, 124, 12, entry.kind === "file" ? entry.content.length : 0);
  writeNumber(header, 136, 12, 0);
  header.write(typeFlags[entry.kind], 156, "ascii");
  if (entry.kind === "symlink") writeText(header, 157, 100, entry.target);
  header.write("ustar\x0000", 257, "ascii");
  writeText(header, 265, 32, "root");
  writeText(header, 297, 32, "root");
  // The checksum counts its own field as blanks, and is written as six digits, NUL, blank.
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return header;
}

function writeText(header: Buffer, offset: number, length: number, text: string): void {
  if (Buffer.byteLength(text) > length) throw new Error(`too long for a tar header: ${text}`);
  header.write(text, offset, "utf8");
}

function writeNumber(header: Buffer, offset: number, length: number, value: number): void {
  header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "ascii");
}
