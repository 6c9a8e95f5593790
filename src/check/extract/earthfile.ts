import { posix } from "node:path";
import type { BuildStep } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import { type MappedText, pieceOf, wholeText } from "../mapped-text.ts";
import { type Findings, openFindings } from "./findings.ts";
import { type VariableScope, variableImageUse } from "./variable-image.ts";

/** An instruction with the lines that it goes on over; a comment may stand between them. */
const instruction =
  /^[ \t]*(FROM DOCKERFILE|FROM|ARG|LET|WITH DOCKER)\b((?:[^\\\n]|\\(?!\r?\n)|\\\r?\n(?:[ \t]*#[^\n]*\n)*)*)/gm;

/** What is built, not pulled, has a `+` in its name. */
const imageName = /^[\w$][^+]*$/;

const variable = /\$\{?([A-Za-z_]\w*)\}?|(\$\([^)]*\))/g;

/** https://docs.earthly.dev/docs/earthfile */
export const earthfile: FileReader = {
  kind: "Earthfile",
  isFor: ({ path }) => /(?:^|\/)(?:Earthfile|[^/]+\.earth)$/.test(path),
  read({ path, text }) {
    const findings = openFindings(text);
    const source = wholeText(text);
    const variables = new Map<string, MappedText>();
    const scope: VariableScope = { pattern: variable, find: (name) => variables.get(name) };
    const steps: BuildStep[] = [];
    for (const { 0: whole, 1: name = "", 2: rest = "", index } of text.matchAll(instruction)) {
      const body = pieceOf(source, { start: index + whole.length - rest.length, end: index + whole.length });
      const words = readWords(body);
      if (name === "FROM") readFrom(words, scope, findings);
      else if (name === "WITH DOCKER") steps.push(...readWithDocker(words, scope, findings));
      else if (name === "FROM DOCKERFILE") steps.push(readDockerfile(words, posix.dirname(path)));
      else setVariable(words, variables);
    }
    const range = { start: 0, end: text.length };
    if (steps.length > 0) findings.jobs.push({ runner: "script", name: path, range, runnerImages: [], steps });
    return findings.extraction();
  },
};

function readWords(body: MappedText): MappedText[] {
  const plain = body.text.replace(/\\\r?\n(?:[ \t]*#[^\n]*\n)*/g, (end) => " ".repeat(end.length));
  const words = plain.matchAll(/(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s\\"']|\\(?!\r?\n))+/g);
  return [...words].map(({ 0: word, index }) => pieceOf(body, { start: index, end: index + word.length }));
}

function unquoted(word: MappedText): MappedText {
  const isQuoted = /^(["']).*\1$/s.test(word.text);
  return isQuoted ? pieceOf(word, { start: 1, end: word.text.length - 1 }) : word;
}

/** `FROM +target` and `FROM ./folder+target` are built, not pulled. */
function readFrom(words: readonly MappedText[], scope: VariableScope, findings: Findings): void {
  const image = words.map(unquoted).find(({ text }) => !text.startsWith("--"));
  if (image === undefined || image.text === "scratch" || !imageName.test(image.text)) return;
  const platform = words.map(({ text }) => /^--platform=([^$]+)$/.exec(text)?.[1]).find((found) => found !== undefined);
  const isNamed = platform !== undefined ? { platform } : {};
  findings.addImage(variableImageUse(image, scope, { kind: "development", site: "FROM", ...isNamed }));
}

function readWithDocker(words: readonly MappedText[], scope: VariableScope, findings: Findings): BuildStep[] {
  return words.flatMap((word, at): BuildStep[] => {
    const [, option, inline] = /^--(pull|compose)(?:=(.*))?$/s.exec(word.text) ?? [];
    if (option === undefined) return [];
    const value =
      inline === undefined
        ? words[at + 1]
        : pieceOf(word, { start: word.text.length - inline.length, end: word.text.length });
    if (value === undefined) return [];
    const text = unquoted(value);
    const range = text.nearestRange({ start: 0, end: text.text.length });
    if (option === "compose") return [{ kind: "compose", range, verb: "up", files: [text.text] }];
    if (!imageName.test(text.text)) return [];
    const use: ImageUse = variableImageUse(text, scope, { kind: "development", site: "WITH DOCKER --pull" });
    return [{ kind: "pull", range, image: findings.addImage(use) }];
  });
}

function readDockerfile(words: readonly MappedText[], folder: string): BuildStep {
  const texts = words.map((word) => unquoted(word).text);
  const option = (...names: string[]) => {
    const at = texts.findIndex((text) => names.some((name) => text === name || text.startsWith(`${name}=`)));
    const [, inline] = /^[^=]+=(.*)$/s.exec(texts[at] ?? "") ?? [];
    return at < 0 ? undefined : (inline ?? texts[at + 1]);
  };
  const inFolder = (path: string | undefined) =>
    path === undefined || /[+$]/.test(path) ? undefined : posix.join(folder, path);
  const [first] = words;
  const target = option("--target");
  return {
    kind: "build",
    range: first?.nearestRange({ start: 0, end: first.text.length }) ?? { start: 0, end: 0 },
    tool: "docker",
    context: inFolder(texts.at(-1)),
    dockerfile: inFolder(option("-f")),
    ...(target !== undefined && { target }),
    buildArguments: {},
  };
}

/** Without regard to targets: a name that has two values is decided by none. */
function setVariable(words: readonly MappedText[], variables: Map<string, MappedText>): void {
  const [assignment] = words.filter(({ text }) => !text.startsWith("--"));
  const equals = assignment?.text.indexOf("=") ?? -1;
  if (assignment === undefined || equals < 0) return;
  const value = pieceOf(assignment, { start: equals + 1, end: assignment.text.length });
  variables.set(assignment.text.slice(0, equals), unquoted(value));
}
