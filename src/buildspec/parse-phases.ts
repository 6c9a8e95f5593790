import type { BlockReader } from "./block-reader.ts";
import {
  type Buildspec,
  BuildspecError,
  type BuildspecPhase,
  type OnFailure,
  type PhaseName,
  phaseNames,
} from "./buildspec.ts";
import { type Entries, isNothing, readMap, readTextMap, readTexts } from "./buildspec-node.ts";

const keys = { known: ["run-as", "commands", "finally", "on-failure", "runtime-versions"], notHere: [] };

/** What builds on AWS show for a document that has no `phases`, an empty one included. */
export const noPhases = "wrong number of container tags, expected 1";

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.phases */
export function parsePhases(reader: BlockReader): Pick<Buildspec, "phases" | "phaseOrder"> {
  const { nodes, root } = reader;
  const entries = readMap(nodes, root, "phases");
  if (entries === undefined)
    throw new BuildspecError(noPhases, { hint: "at least one phase is needed, below phases:" });
  const phases: Buildspec["phases"] = {};
  for (const [key, node] of entries) {
    const name = phaseNames.find((candidate) => candidate === key);
    if (name === undefined) throw unknownPhase(reader, key, node);
    phases[name] = parsePhase(reader, name, readMap(nodes, entries, key) ?? new Map());
  }
  return { phases, phaseOrder: Object.keys(phases) as PhaseName[] };
}

function unknownPhase({ nodes }: BlockReader, key: string, node: unknown): BuildspecError {
  // As a build of 2019 shows it, name and all in capitals.
  const expected = "Expecting: BUILD,INSTALL,POST_BUILD,PRE_BUILD";
  const near = phaseNames.find((candidate) => candidate.replace("_", "") === key.toLowerCase().replace(/[-_]/, ""));
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  const line = nodes.lineOf(node);
  return new BuildspecError(`Invalid buildspec phase name: ${key.toUpperCase()}. ${expected}`, {
    ...(line !== undefined && { line }),
    ...(hint !== undefined && { hint }),
  });
}

function parsePhase(reader: BlockReader, name: PhaseName, phase: Entries): BuildspecPhase {
  const { nodes } = reader;
  if (phase.has("steps")) {
    const message = "steps (GitHub Actions in a phase) are not supported here";
    throw nodes.refusal(message, phase.get("steps"), "write the same as commands");
  }
  reader.sortKeys(phase, keys, `phases.${name}.`);
  return {
    runAs: nodes.text(phase.get("run-as")),
    commands: parseCommands(reader, phase, "commands"),
    finally: parseCommands(reader, phase, "finally"),
    lines: { commands: linesOf(reader, phase, "commands"), finally: linesOf(reader, phase, "finally") },
    onFailure: parseOnFailure(reader, phase.get("on-failure")),
    runtimeVersions: readTextMap(nodes, phase, "runtime-versions"),
  };
}

function linesOf({ nodes }: BlockReader, phase: Entries, key: "commands" | "finally"): number[] {
  const node = phase.get(key);
  return (nodes.items(node) ?? [node]).map((item) => nodes.lineOf(item) ?? 1);
}

/** How often `RETRY` tries again where no count is given, and what `RETRY-COUNT` may be at the most. */
const defaultRetries = 3;
const mostRetries = 100;

/** `ABORT`, `CONTINUE`, `RETRY`, `RETRY-COUNT`, `RETRY-REGEX` or `RETRY-COUNT-REGEX`. */
function parseOnFailure({ nodes }: BlockReader, node: unknown): OnFailure | undefined {
  const text = nodes.text(node);
  if (text === undefined) return undefined;
  if (text === "ABORT" || text === "CONTINUE") return { action: text };
  const [, , count, , pattern] = /^RETRY(-(\d+)(?=-|$))?(-(.+))?$/s.exec(text) ?? [undefined];
  const forms = "ABORT, CONTINUE, RETRY, RETRY-COUNT, RETRY-REGEX or RETRY-COUNT-REGEX";
  if (!/^RETRY(-|$)/.test(text)) throw nodes.refusal(`on-failure: ${text} is not known`, node, forms);
  const retries = count === undefined ? defaultRetries : Number(count);
  if (retries > mostRetries) throw nodes.refusal(`on-failure: ${text} retries too often`, node, "0 to 100 times");
  try {
    new RegExp(pattern ?? "");
  } catch (error) {
    throw nodes.refusal(`on-failure: ${(error as Error).message}`, node, forms);
  }
  return { action: "RETRY", count: retries, pattern: pattern ?? ".*" };
}

/** The text of AWS's refusal is the one people search for: an unquoted `echo foo: bar` makes a mapping. */
function parseCommands({ nodes }: BlockReader, phase: Entries, key: "commands" | "finally"): string[] {
  const node = phase.get(key);
  const items = nodes.items(node);
  if (items === undefined) {
    if (node == null || nodes.entriesOf(node) === undefined) return readTexts(nodes, phase, key);
    throw nodes.refusal(`Expected ${key} to be a list`, node, "begin each command with a dash");
  }
  return items.map((item, index) => {
    const text = nodes.text(item);
    if (text !== undefined) return text;
    const line = nodes.lineOf(item) ?? 0;
    const label = key === "commands" ? "Commands" : "Finally";
    const message = `Expected ${label}[${index}] to be of string type: found subkeys instead at line ${line}, value of the key tag on line ${line - 1} might be empty`;
    const hint = isNothing(item)
      ? "put a command behind the dash, or take the dash away"
      : "quote a command that holds a colon and a space: 'echo a: b'";
    throw new BuildspecError(message, { line, hint });
  });
}
