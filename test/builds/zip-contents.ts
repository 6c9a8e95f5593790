import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";

/** Name → content of an archive, `-> TARGET` for a link; or name → what `show` makes of the mode. */
export async function zipContents(
  archive: Buffer | undefined,
  show?: (mode: number) => string,
): Promise<Record<string, string>> {
  if (archive === undefined) throw new Error("there is no archive");
  const zip = await fromBufferPromise(archive);
  const found: Record<string, string> = {};
  for await (const entry of zip.eachEntry()) {
    const mode = entry.externalFileAttributes >>> 16;
    const content = (await buffer(await zip.openReadStreamPromise(entry))).toString();
    const isLink = (mode & 0o170000) === 0o120000;
    found[entry.fileName] = show?.(mode) ?? (isLink ? `-> ${content}` : content);
  }
  return found;
}
