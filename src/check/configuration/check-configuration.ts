import { readFileSync } from "node:fs";
import { UsageError } from "../../usage-error.ts";

/** The part of chubo.yml that `chubo check` reads. */
export interface CheckConfiguration {
  ignore: readonly IgnoreEntry[];
}

/** Leaves findings out: all of `code` that agree with each member that is given. */
export interface IgnoreEntry {
  code: string;
  /** A pattern for the file's path, as in `.gitignore`. */
  path?: string;
  /** The image as written, or its whole reference. */
  image?: string;
  reason: string;
  /** For people: `chubo.yml:4`. */
  place: string;
}

/** Throws UsageError CONFIG_… with the place of what is wrong. The library is loaded where there is something to read. */
export async function readCheckConfiguration(file: string, shown: string): Promise<CheckConfiguration> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError("CONFIG_FILE", `the configuration cannot be read: ${shown}`, { cause: error });
  }
  const { parseCheckConfiguration } = await import("./parse-configuration.ts");
  return parseCheckConfiguration(text, shown);
}
