import { type MappedText, pieceOf } from "../../mapped-text.ts";

/** A piece of a word after expansion. What is not constant stays as it is written: `$NAME`, and `$(…)` for a command. */
export interface ValuePiece {
  text: string;
  isConstant: boolean;
}

/** What a variable or an argument holds, as far as the script itself decides. */
export interface ShellContent {
  pieces: readonly ValuePiece[];
  /** The one place of the file where the whole of it is written. */
  origin?: MappedText;
  /** Variables that the environment may set to something else than the default taken here: `${TAG:-latest}`. */
  defaults: readonly string[];
  /** The variables that brought the content unchanged from its origin. */
  through: readonly ShellVariable[];
  /** The command whose output the whole of it is: `aws ecr get-login`. */
  command?: string;
}

/** An argument of a command. */
export interface ShellValue extends ShellContent {
  /** Where the word stands, without the quotes around the whole of it; its text is what its author wrote. */
  place: MappedText;
  isQuoted: boolean;
}

export interface ShellVariable extends ShellContent {
  /** Of an array. */
  elements?: readonly ShellValue[];
  /** Set where the content becomes part of another text: another image in its place would change that text too. */
  isMixed: boolean;
}

/** Undefined where something outside of the script decides. */
export function constantOf({ pieces }: Pick<ShellContent, "pieces">): string | undefined {
  return pieces.every(({ isConstant }) => isConstant) ? textOf({ pieces }) : undefined;
}

/** With the constant variables put in, and the others as they are written. */
export function textOf({ pieces }: Pick<ShellContent, "pieces">): string {
  return pieces.map(({ text }) => text).join("");
}

/** A variable that is set before the script begins; without a text, to something that is not constant. */
export function shellVariable(text: string | undefined, origin?: MappedText): ShellVariable {
  const piece = text === undefined ? { text: "$(…)", isConstant: false } : { text, isConstant: true };
  return { pieces: [piece], ...(origin && { origin }), defaults: [], through: [], isMixed: false };
}

/** A part of a value, which can be replaced where the whole can be. */
export function partOf(value: ShellValue, from: number, to?: number): ShellValue {
  const whole = textOf(value);
  const end = to ?? whole.length;
  const pieces: ValuePiece[] = [];
  let at = 0;
  for (const piece of value.pieces) {
    const text = piece.text.slice(Math.max(0, from - at), Math.max(0, end - at));
    if (text !== "") pieces.push({ ...piece, text });
    at += piece.text.length;
  }
  const { origin, place, ...rest } = value;
  const written = place.text;
  const isLiteral = written === whole;
  const isTail = end === whole.length && written.slice(0, from) === whole.slice(0, from);
  const placeEnd = isLiteral ? end : written.length;
  return {
    ...rest,
    pieces,
    place: isLiteral || isTail ? pieceOf(place, { start: from, end: placeEnd }) : place,
    ...(origin !== undefined && origin.text === whole && { origin: pieceOf(origin, { start: from, end }) }),
  };
}

/** An unquoted word falls into several at its blanks. */
export function splitAtBlanks(value: ShellValue): ShellValue[] {
  const text = constantOf(value);
  if (value.isQuoted || text === undefined || !/\s/.test(text)) return text === "" && !value.isQuoted ? [] : [value];
  return [...text.matchAll(/\S+/g)].map(({ index, 0: word }) => partOf(value, index, index + word.length));
}
