import type { Pull, ReadFile, Repository } from "../judge/repository.ts";
import type { TextRange } from "../source-file.ts";

/** `error`: builds fail by it at random. `warning`: they may. `note`: worth knowing. */
export type Level = "error" | "warning" | "note";

export const levels: readonly Level[] = ["error", "warning", "note"];

/** One thing that is looked for. Each has a file of its own, a page in docs/rules/ and a text for `chubo explain`. */
export interface Rule {
  /** Never given to another rule, also when this one is dropped. */
  code: `CHUBO${string}`;
  /** For people and SARIF: `anonymous-pull-on-shared-egress`. */
  name: string;
  level: Level;
  find(repository: Repository): Finding[];
}

export interface Finding {
  code: Rule["code"];
  level: Level;
  /** One sentence: what, as whom, with what consequence. */
  message: string;
  file: ReadFile;
  range: TextRange;
  /** What to do. */
  hint?: string;
  pull?: Pull;
  related?: readonly RelatedPlace[];
}

/** Another place that has to do with it: the step that builds the Dockerfile. */
export interface RelatedPlace {
  message: string;
  file: ReadFile;
  range: TextRange;
}
