import type { ExtractionNote } from "../../extraction.ts";
import type { ImageUse, ImageUseKind } from "../../image-use.ts";
import type { MappedText } from "../../mapped-text.ts";
import type { TextRange } from "../../source-file.ts";
import { parseVariables, type TextPart } from "../variables/parse-variables.ts";
import { describeName, type FindVariable, resolveVariables } from "../variables/resolve-variables.ts";
import { type ArgumentScope, type BuildArguments, type DeclarationContext, declareArguments } from "./arguments.ts";
import { type Instruction, readFlags, readInstructions } from "./instructions.ts";
import { addStage, type DockerfileStage, findStageByName, findTarget, judgeStages, type StageList } from "./stages.ts";
import { findPlainWords } from "./words.ts";

/** How a build reads the Dockerfile. */
export interface DockerfileOptions {
  buildArguments?: BuildArguments;
  /** Those that the build gives a value that is not constant. */
  unknownBuildArguments?: readonly string[];
  /** `--target`; the last stage where none is said. */
  target?: string;
  /** Names that the build gives another meaning, so that they are no images of the Dockerfile: `--build-context NAME=`. */
  contexts?: readonly string[];
  /** The text of the file that holds the Dockerfile, where that is only a part of it. */
  fileText?: string;
}

export interface DockerfileReading {
  /** Those of stages that the target does not need too: see their `stage`. */
  images: ImageUse[];
  stages: readonly DockerfileStage[];
  notes: ExtractionNote[];
}

interface Reading {
  source: MappedText;
  context: DeclarationContext;
  contexts: ReadonlySet<string>;
  head: ArgumentScope;
  /** The `ARG`s of the stage that is being read. */
  scope: ArgumentScope;
  stages: StageList;
  found: { use: ImageUse; stage: number; isOnBuild: boolean }[];
  /** `--from` values: they may name a stage that comes later. */
  copies: { instruction: Instruction; word: TextRange; stage: DockerfileStage; scope: ArgumentScope; site: string }[];
  notes: ExtractionNote[];
}

/** The images that a Dockerfile names, with what the build's own words make of them. */
export function readDockerfile(source: MappedText, options: DockerfileOptions = {}): DockerfileReading {
  const { directives, instructions, notes } = readInstructions(source.text);
  const given = options.buildArguments ?? {};
  const reading: Reading = {
    source,
    context: {
      escapeCharacter: directives.escapeCharacter,
      given,
      unknown: new Set(options.unknownBuildArguments),
      findRange: (range) => source.findRange(range),
    },
    contexts: new Set(options.contexts?.map((name) => name.toLowerCase())),
    head: new Map(),
    scope: new Map(),
    stages: { all: [], byName: new Map() },
    found: [],
    copies: [],
    notes: notes.map((note) => ({ ...note, range: source.nearestRange(note.range) })),
  };
  for (const instruction of instructions) readInstruction(reading, instruction);
  for (const copy of reading.copies) readCopy(reading, copy);
  const target = findTarget(reading.stages, options.target);
  if (target === undefined && options.target !== undefined && reading.stages.all.length > 0) {
    const all = { start: 0, end: source.text.length };
    reading.notes.push({ message: `there is no stage ${options.target}`, range: source.nearestRange(all) });
  }
  const images = [...syntaxImages(reading, directives.syntax, given), ...withStages(reading, target)];
  const { fileText } = options;
  return {
    // In a part, a name may be written with that file's own escapes and variables.
    images:
      fileText === undefined
        ? images
        : images.map((image) => ({ ...image, written: fileText.slice(image.range.start, image.range.end) })),
    stages: reading.stages.all,
    notes: reading.notes,
  };
}

function readInstruction(reading: Reading, instruction: Instruction): void {
  const stage = reading.stages.all.at(-1);
  const { keyword } = instruction;
  if (keyword === "FROM") readFrom(reading, instruction);
  else if (keyword === "ARG") {
    if (stage === undefined) declareArguments(reading.head, instruction, reading.context);
    else declareArguments(reading.scope, instruction, reading.context, reading.head);
  } else if (stage !== undefined) {
    const { flags } = readFlags(instruction, reading.context.escapeCharacter);
    for (const { name, value } of flags) {
      const word = findFrom(instruction, name, value);
      if (word === undefined) continue;
      const site = `${instruction.isOnBuild ? "ONBUILD " : ""}${keyword} --${name}`;
      const { scope } = reading;
      reading.copies.push({ instruction, word, stage, scope, site: name === "mount" ? `${site}=from` : site });
    }
  }
}

/** The value of `--from=`, or of `from=` within `--mount=`. */
function findFrom({ keyword, line }: Instruction, flag: string, value: TextRange): TextRange | undefined {
  if (keyword !== "RUN") return flag === "from" && value.end > value.start ? value : undefined;
  if (flag !== "mount") return undefined;
  const written = line.text.slice(value.start, value.end);
  const [, before = "", from] = /^((?:|.*?,)"?from=)([^,"]+)/i.exec(written) ?? [];
  const start = value.start + before.length;
  return from === undefined ? undefined : { start, end: start + from.length };
}

function readFrom(reading: Reading, instruction: Instruction): void {
  const { escapeCharacter } = reading.context;
  const { flags, end } = readFlags(instruction, escapeCharacter);
  const { text } = instruction.line;
  const [image, as, name] = findImageWords(text, end);
  const stage: DockerfileStage = { index: reading.stages.all.length, needs: new Set() };
  if (as !== undefined && name !== undefined && text.slice(as.start, as.end).toLowerCase() === "as") {
    stage.name = text.slice(name.start, name.end);
  }
  reading.scope = new Map();
  if (image === undefined) {
    const range = reading.source.nearestRange(instruction.line.rangeOf({ start: 0, end: text.length }));
    reading.notes.push({ message: "FROM without an image", range });
  } else {
    const platformWord = flags.find((flag) => flag.name === "platform")?.value;
    const find: FindVariable = (variable) => reading.head.get(variable);
    const parse = (word: TextRange) => parseVariables(text, { escapeCharacter, hasQuotes: true }, word);
    const platform = platformWord && resolveVariables(parse(platformWord), find).text;
    const use = describeUse(reading, { instruction, word: image, find, site: "FROM", kind: "dockerfile" });
    for (const base of findBases(reading, use, parse(image))) stage.needs.add(base.index);
    if (stage.needs.size === 0 && isImage(reading, use)) {
      reading.found.push({ use: { ...use, ...(platform && { platform }) }, stage: stage.index, isOnBuild: false });
    }
  }
  addStage(reading.stages, stage);
}

/** A template's `{{ … }}` holds blanks. */
function findImageWords(text: string, from: number): TextRange[] {
  const [image, ...others] = findPlainWords(text, from);
  if (image === undefined) return [];
  const words = [image];
  for (const word of others) {
    const last = words.at(-1) as TextRange;
    const written = text.slice(last.start, last.end);
    const isOpen = words.length === 1 && written.length < 1024 && written.lastIndexOf("{{") > written.lastIndexOf("}}");
    if (isOpen) last.end = word.end;
    else words.push(word);
  }
  return words;
}

const mostCandidates = 100;

/** The stages that a `FROM` starts from. `FROM base-${TARGETARCH}` starts from each one that it may mean. */
function findBases({ stages }: Reading, { reference }: ImageUse, parts: readonly TextPart[]): DockerfileStage[] {
  if (reference !== undefined) {
    const stage = findStageByName(stages, reference);
    return stage === undefined ? [] : [stage];
  }
  const hasName = parts.some((part) => part.kind === "literal" && /\w/.test(part.text));
  if (!hasName || parts.length > 8) return [];
  const pattern = parts.map((part) => (part.kind === "variable" ? "[\\w.-]*" : part.text.replace(/[^\w]/g, "\\$&")));
  const whole = new RegExp(`^${pattern.join("")}$`, "i");
  return stages.all
    .slice(-mostCandidates)
    .filter(({ name }) => name !== undefined && name.length < 256 && whole.test(name));
}

function isImage({ contexts }: Reading, { reference, written }: ImageUse): boolean {
  return reference !== "scratch" && reference !== "" && !contexts.has((reference ?? written).toLowerCase());
}

function readCopy(reading: Reading, { instruction, word, stage, scope, site }: Reading["copies"][number]): void {
  const find: FindVariable = (name) => scope.get(name) ?? reading.head.get(name);
  const use = describeUse(reading, { instruction, word, find, site, kind: "dockerfile" });
  const { reference } = use;
  const byIndex =
    reference !== undefined && /^\d+$/.test(reference) ? reading.stages.all[Number(reference)] : undefined;
  const named = reference === undefined ? undefined : (byIndex ?? findStageByName(reading.stages, reference));
  if (named !== undefined) stage.needs.add(named.index);
  else if (isImage(reading, use)) reading.found.push({ use, stage: stage.index, isOnBuild: instruction.isOnBuild });
}

function describeUse(
  { source, context }: Reading,
  description: { instruction: Instruction; word: TextRange; find: FindVariable; site: string; kind: ImageUseKind },
): ImageUse {
  const { instruction, find, site, kind } = description;
  const { line } = instruction;
  const syntax = { escapeCharacter: context.escapeCharacter, hasQuotes: true };
  const parts = parseVariables(line.text, syntax, description.word);
  const inDockerfile = line.rangeOf(withoutQuotes(line.text, description.word));
  const written = source.text.slice(inDockerfile.start, inDockerfile.end);
  const name = describeName(parts, find, (range) => context.findRange(line.rangeOf(range)));
  const { reference: _, edit: __, ...ofTemplate } = name;
  return {
    kind,
    site,
    written,
    range: source.findRange(inDockerfile) ?? source.nearestRange(inDockerfile),
    ...(/\{\{|<%|@@/.test(written) ? ofTemplate : name),
  };
}

/** Quotes around the whole word are no part of the name. */
function withoutQuotes(text: string, { start, end }: TextRange): TextRange {
  const quote = text[start];
  const isQuoted = end - start > 1 && (quote === '"' || quote === "'") && text.indexOf(quote, start + 1) === end - 1;
  return isQuoted ? { start: start + 1, end: end - 1 } : { start, end };
}

/** `--build-arg BUILDKIT_SYNTAX=` takes the place of the directive. */
function syntaxImages({ source, context }: Reading, place: TextRange | undefined, given: BuildArguments): ImageUse[] {
  if (place === undefined) return [];
  const written = source.text.slice(place.start, place.end);
  const range = source.findRange(place);
  const replaced = given.BUILDKIT_SYNTAX;
  const isOpen = context.unknown.has("BUILDKIT_SYNTAX");
  return [
    {
      kind: "dockerfile-syntax",
      site: "# syntax",
      written,
      range: range ?? source.nearestRange(place),
      ...(!isOpen && { reference: replaced ?? written }),
      ...(!isOpen &&
        replaced === undefined &&
        range !== undefined && { edit: { range, holds: "reference", text: written } }),
    },
  ];
}

function withStages({ found, stages }: Reading, target: DockerfileStage | undefined): ImageUse[] {
  const pulledBy = judgeStages(stages.all, target);
  return found
    .toSorted((a, b) => a.use.range.start - b.use.range.start)
    .map(({ use, stage: index, isOnBuild }) => {
      const name = stages.all[index]?.name;
      const by = isOnBuild ? "downstream" : (pulledBy[index] ?? "all");
      return { ...use, stage: { index, ...(name !== undefined && { name }), pulledBy: by } };
    });
}
