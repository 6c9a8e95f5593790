import type { ReadFile } from "../judge/repository.ts";
import { codeReaders, fileReaders } from "../readers.ts";
import type { SourceFile } from "../source-file.ts";
import { applyEdits } from "../text-edit.ts";
import type { FileEdits, LeftOver } from "./remedy.ts";

export interface EditedFile {
  file: ReadFile;
  /** The whole new text. */
  text: string;
}

/** The new texts. A file that would not be read any more as well as before is left as it is. */
export function applyRemedy(edits: readonly FileEdits[]): { edited: EditedFile[]; left: LeftOver[] } {
  const edited: EditedFile[] = [];
  const left: LeftOver[] = [];
  for (const { file, edits: own } of edits) {
    const text = applyEdits(file.text, own);
    if (text === file.text) continue;
    if (countNotes({ path: file.path, text }) <= file.extraction.notes.length) edited.push({ file, text });
    else
      left.push({
        file,
        range: { start: 0, end: 0 },
        message: "would not be well-formed any more after the edit; mend it by hand",
      });
  }
  return { edited, left };
}

function countNotes(file: SourceFile): number {
  const reader = [...fileReaders, ...codeReaders].find((candidate) => candidate.isFor(file));
  return reader?.read(file).notes.length ?? Number.POSITIVE_INFINITY;
}
