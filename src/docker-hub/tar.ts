/** A file, directory or link of a layer. */
export interface TarEntry {
  name: string;
  mode: number;
  content?: Buffer;
  directory?: boolean;
  /** Target of a symbolic link. */
  link?: string;
}

const block = 512;

/**
 * Writes a ustar archive with fixed times and owners: the same entries are the same bytes, so a layer's digest is stable.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
 */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(writeEntry), Buffer.alloc(2 * block)]);
}

function writeEntry(entry: TarEntry): Buffer[] {
  const content = entry.content ?? Buffer.alloc(0);
  const padding = Buffer.alloc((block - (content.length % block)) % block);
  return [header(entry, content.length), content, padding];
}

function header({ name, mode, directory, link }: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  bytes.write(directory === true ? `${name}/` : name, 0, 100);
  bytes.write(octal(mode, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(0, 12), 136);
  // The checksum counts its own field as blanks.
  bytes.write("        ", 148);
  bytes.write(directory === true ? "5" : link === undefined ? "0" : "2", 156);
  if (link !== undefined) bytes.write(link, 157, 100);
  bytes.write("ustar\u000000", 257);
  bytes.write(
    `${bytes
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return bytes;
}
