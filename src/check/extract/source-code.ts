import type { ImageUse, ImageUseKind } from "../image-use.ts";
import { pieceOf, wholeText } from "../mapped-text.ts";
import type { TextRange } from "../source-file.ts";
import { findImageEdit } from "./image-edit.ts";
import { findRegistryHint, markVariables } from "./registry-hint.ts";

/** A program's text in which strings are looked for, not parsed: comments are blanks, all else is in its place. */
export interface SourceCode {
  text: string;
  /** The same, for what must not be looked for in comments. */
  code: string;
}

/** What a call is given for an image: a string, or the name of a constant that the file sets once. */
export interface ImageArgument {
  /** Of what is between the quotes. */
  range: TextRange;
  /** With a variable put in by the language: `${version}`, `{version}`. */
  isTemplate: boolean;
}

/** A text of three quotes is documentation, or is printed. */
const hashComment = /"""[\s\S]*?"""|'{3}[\s\S]*?'{3}|#[^\n]*|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/g;
const slashComment =
  /("""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

export function openSourceCode(path: string, text: string): SourceCode {
  const comment = path.endsWith(".py") ? hashComment : slashComment;
  const blank = (match: string, literal: string | undefined) => literal ?? match.replace(/[^\n]/g, " ");
  return { text, code: text.replace(comment, blank) };
}

/** The beginning of what may name an image: a string with its prefix, or the name of a constant. */
const argumentStart = /\s*(?:jsii\.String\(\s*)?(?:([fs$@]{0,2})(["'`])|([A-Za-z_][\w.]*)(?=\s*[,)\n}]))/y;

export function findImageArgument(source: SourceCode, at: number): ImageArgument | undefined {
  argumentStart.lastIndex = at;
  const match = argumentStart.exec(source.code);
  if (match === null) return undefined;
  const [, prefix = "", quote, name] = match;
  if (quote === undefined) return name === undefined ? undefined : findConstant(source, name);
  const start = argumentStart.lastIndex;
  const end = source.code.indexOf(quote, start);
  const value = source.code.slice(start, end);
  if (end === -1 || value === "" || /[\s\\]/.test(value)) return undefined;
  // What a `+` or `%` adds is not in the string.
  const isOpen = /^["'`]\s*(?:[+%]|\.format)/.test(source.code.slice(end, end + 20));
  return isOpen
    ? undefined
    : { range: { start, end }, isTemplate: value.includes("$") || (prefix !== "" && value.includes("{")) };
}

/** `IMAGE = "…"`, where no other line of the file sets it. */
function findConstant(source: SourceCode, name: string): ImageArgument | undefined {
  const [last = ""] = name.split(".").slice(-1);
  const setting = new RegExp(`\\b${last}\\b\\s*(?::\\s*[\\w.]+\\s*)?:?=(?!=)\\s*(?=["'\`])`, "g");
  const settings = [...source.code.matchAll(setting)];
  const [only] = settings;
  return settings.length === 1 && only ? findImageArgument(source, only.index + only[0].length) : undefined;
}

export function imageUseInCode(
  source: SourceCode,
  { range, isTemplate }: ImageArgument,
  description: { kind: ImageUseKind; site: string } & Partial<ImageUse>,
): ImageUse {
  const text = pieceOf(wholeText(source.text), range);
  const edit = findImageEdit(text, !isTemplate);
  const registryHint = isTemplate ? findRegistryHint(markVariables(text.text)) : undefined;
  return {
    written: text.text,
    range,
    ...(!isTemplate && { reference: text.text }),
    ...(registryHint !== undefined && { registryHint }),
    ...(edit && { edit }),
    ...description,
  };
}
