import type { MappedText } from "../../mapped-text.ts";
import type { TextRange } from "../../source-file.ts";

/** A value of a bake file, HCL or JSON. Texts still have their `${…}`. */
export type BakeValue =
  | { kind: "text"; text: MappedText; range: TextRange }
  | { kind: "list"; items: readonly BakeValue[]; range: TextRange }
  | { kind: "map"; entries: readonly BakeEntry[]; range: TextRange }
  /** A variable by its name. */
  | { kind: "name"; name: string; range: TextRange }
  /** A function, a condition, a number: not looked into. */
  | { kind: "other"; written: string; range: TextRange };

export interface BakeEntry {
  key: string;
  value: BakeValue;
}

/** `target "NAME" { … }`. */
export interface BakeBlock {
  type: string;
  labels: readonly string[];
  /** Of the head. */
  range: TextRange;
  entries: readonly BakeEntry[];
}

export interface BakeBody {
  entries: readonly BakeEntry[];
  blocks: readonly BakeBlock[];
}
