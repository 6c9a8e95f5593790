import { findImageReference } from "../../oci/image-reference.ts";
import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import type { SourceFile } from "../source-file.ts";
import { findImageArgument, imageUseInCode, openSourceCode } from "./source-code.ts";

const sourceName = /\.(?:[cm]?[jt]sx?|py|java|cs|fs|go|kt|kts|groovy|scala)$/;

const candidates = ["estcontainers", "DockerImageName"];

/** Where an image's name follows. `isSure` says that nothing else has such a call. */
const sites: readonly { pattern: RegExp; isSure: boolean }[] = [
  { pattern: /\bDockerImageName\.parse\(/g, isSure: true },
  { pattern: /\b(?:K?Generic|Docker)Container\s*(?:<[^>()]*>)?\s*\(\s*(?:image\s*=)?/g, isSure: true },
  { pattern: /\b(?!K?Generic|Docker)[A-Z]\w*Container\s*(?:<[^>()]*>)?\s*\(\s*(?:image\s*=)?/g, isSure: false },
  // Go's modules: `postgres.Run(ctx, "postgres:16")`, and its requests.
  { pattern: /\.Run\(\s*[\w.()]+\s*,/g, isSure: false },
  { pattern: /\bContainerRequest\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*?\bImage:/g, isSure: true },
  // .NET's builders, and an option of Go's.
  { pattern: /\bWithImage\(/g, isSure: true },
];

/** Containers that tests start: https://testcontainers.com. Only names that are written as strings are found. */
export const testcontainersReader: FileReader = {
  kind: "Testcontainers",
  isFor({ path, text }: SourceFile): boolean {
    return sourceName.test(path) && candidates.some((word) => text.includes(word));
  },
  words: candidates,
  read({ path, text }: SourceFile): Extraction {
    const source = openSourceCode(path, text);
    const found = new Map<number, ImageUse>();
    const imported = importedNames(source.code);
    for (const { pattern, isSure } of sites) {
      for (const match of source.code.matchAll(pattern)) {
        const argument = findImageArgument(source, match.index + match[0].length);
        if (argument === undefined || found.has(argument.range.start)) continue;
        const use = imageUseInCode(source, argument, { kind: "development", site: "Testcontainers" });
        const [name = ""] = /\w+/.exec(match[0]) ?? [];
        if (isSure || looksLikeImage(use) || (imported.has(name) && isName(use))) found.set(argument.range.start, use);
      }
    }
    return { ...emptyExtraction, images: [...found.values()].toSorted((a, b) => a.range.start - b.range.start) };
  },
};

const imports = [
  /^[ \t]*from\s+testcontainers[\w.]*\s+import\s+(\([^)]*\)|[^\n]*)/gm,
  /\bimport\s+(?:type\s+)?\{([^}]*)\}\s*from\s*["'](?:@testcontainers\/|testcontainers\b)/g,
  /^[ \t]*import\s+org\.testcontainers\.[\w.]*?(\w+)[ \t]*;?[ \t]*$/gm,
];

/** The classes that the file takes from Testcontainers by their names, or as what it calls them. */
function importedNames(code: string): ReadonlySet<string> {
  const lists = imports.flatMap((pattern) => [...code.matchAll(pattern)].map(([, list = ""]) => list));
  return new Set(lists.flatMap((list) => list.split(",")).flatMap((item) => /(\w+)[\s)]*$/.exec(item)?.[1] ?? []));
}

/** A name without a tag; early modules took a version alone. */
function isName({ written, reference }: ImageUse): boolean {
  return /^(?!latest$)[a-z]/.test(written) && (reference === undefined || findImageReference(reference) !== undefined);
}

/** Early modules took a version alone, and other classes are named `…Container` too. */
function looksLikeImage({ written, reference }: ImageUse): boolean {
  return /[:/]/.test(written) && (reference === undefined || findImageReference(reference) !== undefined);
}
