import type { Node } from "yaml";
import type { BuildJob, BuildSecret, RunnerImage } from "../build-job.ts";
import { type Extraction, type ExtractionNote, emptyExtraction, type FileReader } from "../extraction.ts";
import { type MappedText, pieceOf, wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { type BatchVariant, readBatch } from "./buildspec-batch.ts";
import { openShellSession } from "./shell/read-shell.ts";
import { type ShellVariable, shellVariable } from "./shell/shell-value.ts";
import { StepSink } from "./shell/step-sink.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html */
export const buildspecReader: FileReader = {
  kind: "buildspec",
  isFor: ({ path, text }: SourceFile) => isBuildspecPath(path) || (isYamlPath(path) && looksLikeBuildspec(text)),
  read: ({ path, text }: SourceFile) => readBuildspec(wholeText(text), path),
};

function isYamlPath(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path);
}

function isBuildspecPath(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /buildspec/i.test(name) && (isYamlPath(name) || !name.includes("."));
}

/** The two keys at the top, in whichever order. */
function looksLikeBuildspec(text: string): boolean {
  if (!text.includes("phases")) return false;
  const isYaml = /^version:\s*["']?0\.[0-2]["']?\s*(?:#.*)?$/m.test(text) && /^phases:/m.test(text);
  return isYaml || (/^\s*\{/.test(text) && /"version"\s*:\s*"?0\.[0-2]"?/.test(text) && /"phases"\s*:\s*\{/.test(text));
}

const phaseNames = ["install", "pre_build", "build", "post_build"];

/** A buildspec in a file of its own, or inside of a template: one job, named by `path`. */
export function readBuildspec(source: MappedText, path: string): Extraction {
  const { documents, notes } = readYaml(source);
  const [document] = documents;
  if (document === undefined || document.find(document.root, "phases") === undefined)
    return { ...emptyExtraction, notes };
  const batch = readBatch(document);
  const sink = new StepSink();
  const variants: readonly BatchVariant[] = batch.variants.length > 0 ? batch.variants : [{ variables: new Map() }];
  for (const variant of variants) readPhases(source, document, variant, sink);
  sink.withoutMixedEdits();
  const job: BuildJob = {
    runner: "codebuild",
    name: path,
    range: source.nearestRange({ start: 0, end: source.text.length }),
    runnerImages: batch.images.map((image): RunnerImage => ({ image, hasCredentials: false })),
    steps: sink.steps,
    ...(sink.calls.length > 0 && { calls: sink.calls }),
    codeBuild: { secrets: readSecrets(document) },
  };
  return {
    images: [...batch.images, ...sink.images],
    jobs: [job],
    notes: [...notes, ...distinctNotes(sink.notes)],
  };
}

function readPhases(source: MappedText, document: YamlDocument, variant: BatchVariant, sink: StepSink): void {
  const { root, find, textOf } = document;
  const version = textOf(find(root, "version"))?.text;
  const shell = textOf(find(root, "env", "shell"))?.text ?? "sh";
  if (/powershell|cmd\.exe/i.test(shell)) return;
  const variables = new Map([...readVariables(document), ...variant.variables]);
  let session = openShellSession({ variables }, sink);
  for (const name of phaseNames) {
    for (const list of ["commands", "finally"]) {
      for (const command of commandsOf(source, document, find(root, "phases", name, list))) {
        // Version 0.1 runs each command in a shell of its own; later versions carry variables and directory over.
        if (version === "0.1") session = openShellSession({ variables }, sink);
        session.read(command);
        session.forgetFunctions();
      }
    }
  }
}

/** A command that YAML takes for a mapping (`- echo "a: b"`) is read as it is written; CodeBuild would refuse it. */
function commandsOf(
  source: MappedText,
  { itemsOf, textOf, rangeOf }: YamlDocument,
  node: Node | undefined,
): MappedText[] {
  const single = textOf(node);
  if (single !== undefined) return [single];
  return itemsOf(node).flatMap((item) => {
    const text = textOf(item);
    if (text !== undefined) return [text];
    const [start, end] = item.range ?? [0, 0];
    return start === end || rangeOf(item) === undefined ? [] : [pieceOf(source, { start, end })];
  });
}

function readVariables({ root, find, entriesOf, textOf }: YamlDocument): Map<string, ShellVariable> {
  const variables = new Map<string, ShellVariable>([["CODEBUILD_SRC_DIR", shellVariable(".")]]);
  const plain = [
    ...entriesOf(find(root, "env", "variables")),
    ...entriesOf(find(root, "environment_variables", "plaintext")),
  ];
  for (const { key, value } of plain) {
    const text = textOf(value);
    // What a template puts in is not constant (`${AWS::AccountId}`), and CodeBuild itself puts nothing in.
    const isConstant = text !== undefined && !text.text.includes("$");
    variables.set(key, shellVariable(isConstant ? text.text : undefined, isConstant ? text : undefined));
  }
  return variables;
}

function readSecrets({ root, find, entriesOf, textOf, rangeOf }: YamlDocument): BuildSecret[] {
  return entriesOf(find(root, "env", "secrets-manager")).flatMap(({ key, value }) => {
    const reference = textOf(value);
    return reference === undefined ? [] : [{ variable: key, reference: reference.text, range: rangeOf(value) }];
  });
}

/** The variants of a batch read the same commands. */
function distinctNotes(notes: readonly ExtractionNote[]): ExtractionNote[] {
  const byPlace = new Map(notes.map((note) => [`${note.range.start} ${note.message}`, note]));
  return [...byPlace.values()];
}
