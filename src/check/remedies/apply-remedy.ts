import type { ReadFile } from "../judge/repository.ts";
import { type ReadRepository, rereadRepository } from "../read-repository.ts";
import { applyEdits } from "../text-edit.ts";
import { isReadWorse } from "./job-edits.ts";
import type { LeftOver, Remedy } from "./remedy.ts";

export interface EditedFile {
  file: ReadFile;
  /** The whole new text. */
  text: string;
}

/** The new texts, and all that is left. A file that would not be read any more as well as before is left as it is. */
export function applyRemedy(
  repository: ReadRepository,
  { edits, left }: Remedy,
): { edited: EditedFile[]; left: LeftOver[] } {
  const changed = edits
    .map(({ file, edits: own }) => ({ file, text: applyEdits(file.text, own) }))
    .filter(({ file, text }) => text !== file.text);
  const after = rereadRepository(repository, new Map(changed.map(({ file, text }) => [file.path, text])));
  const spoilt = changed
    .filter(({ file }) => isReadWorse(file, after))
    .map(({ file }): LeftOver => {
      const message = "would not be well-formed any more after the edit; mend it by hand";
      return { file, range: { start: 0, end: 0 }, message };
    });
  return { edited: changed.filter(({ file }) => !isReadWorse(file, after)), left: [...left, ...spoilt] };
}
