import type { ReadFile } from "../judge/repository.ts";
import type { TextRange } from "../source-file.ts";
import type { TextEdit } from "../text-edit.ts";
import type { EditGroup } from "./edit-groups.ts";

/** What a remedy does to a repository, and what it leaves to a person. */
export interface Remedy {
  edits: readonly FileEdits[];
  left: readonly LeftOver[];
  /** What the changed files need outside of the repository. */
  notes?: readonly string[];
  /** The edits, where more than the edits of one image are only right together. */
  groups?: readonly EditGroup[];
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

/** The edits of each file together; the same edit, asked for twice, is made once. */
export function gatherEdits(edits: readonly { file: ReadFile; edit: TextEdit }[]): FileEdits[] {
  const files = new Map<ReadFile, Map<string, TextEdit>>();
  for (const { file, edit } of edits) {
    const own = files.get(file) ?? new Map<string, TextEdit>();
    own.set(`${edit.range.start}:${edit.range.end}:${edit.text}`, edit);
    files.set(file, own);
  }
  return [...files].map(([file, own]) => ({ file, edits: [...own.values()] }));
}
