import { isMap, isScalar, isSeq, type Node, type Scalar } from "yaml";
import type { CollectionPlace } from "../build-job.ts";
import { readYaml, type YamlDocument, type YamlEntry } from "../extract/yaml-nodes.ts";
import type { PlacedJob } from "../judge/repository.ts";
import { type MappedText, pieceOf, scalarText, wholeText } from "../mapped-text.ts";
import type { TextEdit } from "../text-edit.ts";
import { type EditedDocument, insertEntryBefore, prependItems } from "./collection-edit.ts";

/** A buildspec in a file of its own, or as the text of a value in a template. */
interface BuildspecText {
  mapped: MappedText;
  /** How the value is written; undefined for a file. */
  scalar?: Scalar;
}

/**
 * A command, put into a buildspec before the first pull: as the first of `pre_build`, which is made where it is missing, or of
 * `install` where that pulls. Returns why it cannot be put there.
 */
export function insertCommand(placed: PlacedJob, addition: { firstPull: number; command: string }): TextEdit | string {
  const buildspec = findBuildspec(placed);
  if (typeof buildspec === "string") return buildspec;
  const [document] = readYaml(buildspec.mapped).documents;
  const edit = document && editPhases(buildspec.mapped.text, document, addition);
  if (edit === undefined) return "its phases are not well-formed: add the command before the first pull by hand";
  return typeof edit === "string" ? edit : toFile(placed, buildspec, edit);
}

function findBuildspec({ file, stepsFile = file, job }: PlacedJob): BuildspecText | string {
  const inline = stepsFile === file ? job.codeBuild?.places?.inlineBuildspec : undefined;
  if (inline === undefined) return { mapped: wholeText(stepsFile.text) };
  const source = pieceOf(wholeText(file.text), inline);
  const [document] = readYaml(source).documents;
  const value = document && findTemplateText(document);
  if (!isScalar(value)) return "its inline buildspec is put together from pieces: add the command by hand";
  if (value.type !== "BLOCK_LITERAL" && value.type !== "QUOTE_DOUBLE") {
    return "its inline buildspec is neither a plain block (`BuildSpec: |`) nor in double quotes: add the command by hand";
  }
  return { mapped: scalarText(source, value), scalar: value };
}

/** The text itself, or the one that `Fn::Sub` puts values into. */
function findTemplateText({ root, find, itemsOf }: YamlDocument): Node | undefined {
  const node = isMap(root) ? find(root, "Fn::Sub") : root;
  return isSeq(node) ? itemsOf(node)[0] : node;
}

function editPhases(
  text: string,
  { root, find, entriesOf, rangeOf }: YamlDocument,
  { firstPull, command }: { firstPull: number; command: string },
): TextEdit | string | undefined {
  const document: EditedDocument = { text, format: text.trimStart().startsWith("{") ? "json" : "yaml" };
  const map = find(root, "phases");
  const phases = entriesOf(map).filter(({ key }) => /^(?:install|pre_build|build|post_build)$/.test(key));
  const pulling = phases.findLast(({ keyNode }) => rangeOf(keyNode).start < firstPull);
  if (map === undefined || pulling === undefined) return undefined;
  const name = pulling.key === "install" ? "install" : "pre_build";
  const host = phases.find(({ key }) => key === name);
  if (host === undefined) {
    const before = phases.find(({ key }) => key === "build" || key === "post_build") ?? pulling;
    return insertEntryBefore(document, placeOf(text, map), startOf(before), ["pre_build", { commands: [command] }]);
  }
  const commands = find(host.value, "commands");
  if (!isSeq(commands) || commands.items.length === 0) {
    return `the commands of ${name} are no list: add the command by hand`;
  }
  return prependItems(document, placeOf(text, commands), [command]);
}

function startOf({ keyNode }: YamlEntry): number {
  return keyNode.range?.[0] ?? 0;
}

/** In the buildspec's own text, wherever that is written. */
function placeOf(text: string, node: Node): CollectionPlace {
  const [start, rawEnd] = node.range ?? [0, 0];
  const { flow = false, items = [] } = isMap(node) || isSeq(node) ? node : {};
  const end = start + text.slice(start, rawEnd).trimEnd().length;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  return { range: { start, end }, column: start - lineStart, isFlow: flow, isEmpty: items.length === 0 };
}

/** From the buildspec's text to the file that holds it, in the way in which it is written there. */
function toFile({ file }: PlacedJob, { mapped, scalar }: BuildspecText, edit: TextEdit): TextEdit | string {
  const range = mapped.findRange(edit.range);
  if (range === undefined) return "its buildspec is not written in one piece: add the command by hand";
  if (scalar === undefined) return { range, text: edit.text };
  if (scalar.type === "QUOTE_DOUBLE") return { range, text: JSON.stringify(edit.text).slice(1, -1) };
  const before = lineBefore(file.text, range.start);
  const indentation = before.slice(0, before.length - lineBefore(mapped.text, edit.range.start).length);
  const newLine = file.text.includes("\r\n") ? "\r\n" : "\n";
  return { range, text: edit.text.replaceAll("\n", `${newLine}${indentation}`) };
}

function lineBefore(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
}
