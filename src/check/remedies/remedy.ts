import type { PlacedJob, ReadFile } from "../judge/repository.ts";
import type { TextRange } from "../source-file.ts";
import { applyEdits, type TextEdit } from "../text-edit.ts";

/** What a remedy does to a repository, and what it leaves to a person. */
export interface Remedy {
  edits: readonly FileEdits[];
  left: readonly LeftOver[];
  /** What the changed files need outside of the repository. */
  notes?: readonly string[];
  /** The edits, where more than the edits of one image are only right together. */
  groups?: readonly EditGroup[];
}

/** Edits that are only right together; a person is asked about them once. */
export type EditGroup = readonly PlacedEdit[];

export interface PlacedEdit {
  file: ReadFile;
  edit: TextEdit;
}

export interface FileEdits {
  file: ReadFile;
  edits: readonly TextEdit[];
}

export interface LeftOver {
  file: ReadFile;
  range: TextRange;
  /** Why it is left, and what to do. */
  message: string;
  /** Lines to add by hand. */
  snippet?: string;
}

/** Of a command that was to be the first of a job's. */
export function commandComesLate({ file, stepsFile = file, job }: PlacedJob, snippet: string): LeftOver {
  const message = `${job.name}: the command would not come before its first pull; add it by hand`;
  return { file: stepsFile, range: job.range, message, snippet };
}

/** The edits of each file together; the same edit, asked for twice, is made once. */
export function gatherEdits(edits: readonly PlacedEdit[]): FileEdits[] {
  const files = new Map<ReadFile, Map<string, TextEdit>>();
  for (const { file, edit } of edits) {
    const own = files.get(file) ?? new Map<string, TextEdit>();
    own.set(`${edit.range.start}:${edit.range.end}:${edit.text}`, edit);
    files.set(file, own);
  }
  return [...files].map(([file, own]) => ({ file, edits: [...own.values()] }));
}

/** The new texts of the files, by their paths. */
export function textsAfter(files: readonly FileEdits[]): Map<string, string> {
  return new Map(files.map(({ file, edits }) => [file.path, applyEdits(file.text, edits)]));
}
