import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { UsageError } from "../usage-error.ts";
import { readDockerfileBuild } from "./extract/dockerfile.ts";
import { type Extraction, joinExtractions } from "./extraction.ts";
import { openSourceFiles } from "./files/read-source-file.ts";
import { type PassedOver, walkFiles } from "./files/walk-files.ts";
import { judgeRepository } from "./judge/judge-repository.ts";
import type { ReadFile, Repository } from "./judge/repository.ts";
import { type ReaderSelection, selectReaders } from "./reader-selection.ts";
import type { SourceFile } from "./source-file.ts";

export interface ReadRepository extends Repository {
  /** The directory that the files' paths are relative to. */
  root: string;
  /** How many files were looked at, those without any pull included. */
  fileCount: number;
  passedOver: readonly PassedOver[];
  /** As it was given. */
  source?: string | undefined;
}

/**
 * Reads a directory, or one file by itself. `source` is the folder in it that templates' builds take as their source. What
 * cannot be read is told in `passedOver`, and in the notes of the files. Throws UsageError CHECK_PATH where there is nothing at `path`.
 */
export function readRepository(path: string, { source }: { source?: string } = {}): ReadRepository {
  const isDirectory = findIsDirectory(path);
  const passedOver: PassedOver[] = [];
  const root = isDirectory ? path : dirname(path);
  const paths = isDirectory ? walkFiles(path, (passed) => passedOver.push(passed)) : [basename(path)];
  const readFile = openSourceFiles(root);
  const files: ReadFile[] = [];
  for (const name of paths) {
    const selection = selectReaders(name);
    // One that is named by the user is told of.
    if (isDirectory && selection.file.length === 0) continue;
    const file = readFile(name, selection.words);
    if (file === undefined) continue;
    if ("reason" in file) {
      // A picture or a program is nobody's loss; a Dockerfile in UTF-16 is one.
      if (file.reason !== "binary" || !isDirectory || isKnownByName(name, selection)) passedOver.push(file);
      continue;
    }
    const read = extract(file, selection);
    if (read !== undefined) files.push(read);
  }
  return {
    ...judgeRepository(files, { readBuild: readDockerfileBuild, source }),
    root,
    fileCount: paths.length,
    passedOver,
    source,
  };
}

/** The same directory as it would be with other texts in some of its files, by their paths. */
export function rereadRepository(repository: ReadRepository, texts: ReadonlyMap<string, string>): Repository {
  const files = repository.files.map((file) => {
    const text = texts.get(file.path);
    return text === undefined
      ? file
      : (extract({ path: file.path, text }, selectReaders(file.path)) ?? { ...file, text });
  });
  return judgeRepository(files, { readBuild: readDockerfileBuild, source: repository.source });
}

function findIsDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new UsageError("CHECK_PATH", `there is no file or directory to check: ${path}`, { cause: error });
  }
}

function isKnownByName(path: string, { file }: ReaderSelection): boolean {
  return file.some((reader) => reader.isFor({ path, text: "" }));
}

/** Undefined for a file that no reader is for, or that says nothing of pulls. */
function extract(file: SourceFile, selection: ReaderSelection): ReadFile | undefined {
  const first = selection.file.find((reader) => reader.isFor(file));
  const readers = first === undefined ? selection.code.filter((reader) => reader.isFor(file)) : [first];
  const [reader] = readers;
  if (reader === undefined) return undefined;
  const extraction = joinExtractions(readers.map(({ read }) => read(file)));
  return isEmpty(extraction) && reader.kind !== "Dockerfile" ? undefined : { ...file, kind: reader.kind, extraction };
}

function isEmpty({ images, jobs, notes, builtImages, secrets, pullThroughCaches }: Extraction): boolean {
  const lists = [images, jobs, notes, builtImages ?? [], secrets ?? [], pullThroughCaches ?? []];
  return lists.every(({ length }) => length === 0);
}
