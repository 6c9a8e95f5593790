import type { BuildJob, LoginStep, RunnerImage } from "../build-job.ts";
import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import { wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { type GroovyString, readGroovyStrings } from "./groovy-strings.ts";
import { openShellSession } from "./shell/read-shell.ts";
import { type ShellValue, type ShellVariable, shellVariable, type ValuePiece } from "./shell/shell-value.ts";
import { StepSink } from "./shell/step-sink.ts";

/**
 * Pipelines of Jenkins, by the strings in them and the words before each: Groovy itself is not read.
 * https://www.jenkins.io/doc/book/pipeline/docker/
 */
export const jenkinsfileReader: FileReader = {
  kind: "Jenkinsfile",
  isFor: ({ path }: SourceFile) => /(?:^|\/)Jenkinsfile[^/]*$|\.jenkinsfile$/i.test(path),
  read: ({ path, text }: SourceFile): Extraction => {
    if (!/docker|podman|image/i.test(text)) return emptyExtraction;
    const strings = readGroovyStrings(wholeText(text));
    const runnerImages: RunnerImage[] = [];
    const sink = new StepSink();
    const variables = new Map<string, ShellVariable>();
    const around = { variables, sink, text };
    for (const string of strings) {
      const name = assignedName(string.before);
      if (name !== undefined) variables.set(name, variableOf(string));
      const site = runnerSite(string, text);
      if (site !== undefined) runnerImages.push(runnerImageOf(string, site, around));
      else readStep(string, around);
    }
    sink.withoutMixedEdits();
    const range = { start: 0, end: text.length };
    const job: BuildJob = {
      runner: "jenkins",
      name: path,
      range,
      runnerImages,
      steps: sink.steps,
      calls: sink.calls,
      selfHosted: true,
    };
    const isEmpty = runnerImages.length === 0 && sink.steps.length === 0;
    return {
      images: [...runnerImages.map(({ image }) => image), ...sink.images],
      jobs: isEmpty ? [] : [job],
      notes: sink.notes,
    };
  },
};

interface Surroundings {
  variables: ReadonlyMap<string, ShellVariable>;
  sink: StepSink;
  text: string;
}

function assignedName(before: string): string | undefined {
  return /(?:^|[\s;{(])([A-Za-z_]\w*)\s*=\s*$/.exec(before)?.[1];
}

function variableOf({ content, isInterpolated }: GroovyString): ShellVariable {
  const isConstant = !isInterpolated || !content.text.includes("$");
  return shellVariable(isConstant ? content.text : undefined, isConstant ? content : undefined);
}

/** `agent { docker { image 'x' } }`, `agent { docker 'x' }`: the agent of what follows. */
function runnerSite({ before, content, start }: GroovyString, text: string): string | undefined {
  if (content.text === "") return undefined;
  if (/\bdocker\s*\(?\s*$/.test(before)) return "agent.docker";
  if (!/\bimage\s*[:=(]?\s*$/.test(before)) return undefined;
  return innermostBlock(text, start) === "docker" ? "agent.docker.image" : undefined;
}

/** What stands between `docker {` and its `image`. */
const longestBlock = 1000;

/** The word before the last brace that is still open. */
function innermostBlock(text: string, at: number): string | undefined {
  let depth = 0;
  for (let index = at - 1; index >= Math.max(0, at - longestBlock); index--) {
    if (text[index] === "}") depth++;
    else if (text[index] === "{" && depth-- === 0)
      return /(\w+)\s*$/.exec(text.slice(Math.max(0, index - 60), index))?.[1];
  }
  return undefined;
}

function runnerImageOf(string: GroovyString, site: string, { variables, sink, text }: Surroundings): RunnerImage {
  const image = sink.imageOf(groovyValue(string, variables), { kind: "runner", site });
  const block = text.slice(string.end, string.end + 400).split("}")[0] ?? "";
  return { image, hasCredentials: /registryCredentialsId/.test(block) };
}

/** With the pipeline's own constants put in: `"${IMAGE}:1"`. */
function groovyValue(
  { content, isInterpolated }: GroovyString,
  variables: ReadonlyMap<string, ShellVariable>,
): ShellValue {
  const whole = { place: content, isQuoted: true, defaults: [], through: [] };
  if (!isInterpolated || !content.text.includes("$")) {
    return { ...whole, pieces: [{ text: content.text, isConstant: true }], origin: content };
  }
  const pieces: ValuePiece[] = [];
  const used: ShellVariable[] = [];
  for (const [text, braced, bare] of content.text.matchAll(/\$\{(?:env\.)?(.*?)\}|\$(\w+)|[^$]+|\$/g)) {
    const variable = variables.get(braced ?? bare ?? "");
    if (variable !== undefined) used.push(variable);
    pieces.push(...(variable?.pieces ?? [{ text, isConstant: !text.startsWith("$") }]));
  }
  const [only] = used;
  if (pieces.length === 1 && only?.origin !== undefined)
    return { ...whole, pieces, origin: only.origin, through: used };
  for (const variable of used) variable.isMixed = true;
  return { ...whole, pieces };
}

function readStep(string: GroovyString, { variables, sink, text }: Surroundings): void {
  const { before, content, start } = string;
  const range = { start, end: string.end };
  if (/\b(?:sh|script:)\s*\(?\s*(?:script:\s*)?$/.test(before)) {
    openShellSession({ variables }, sink).read(content);
  } else if (/\bdocker\s*\.\s*image\s*\(\s*$/.test(before)) {
    const isUsed = !/^\s*\)\s*\.\s*(?:push|tag|id)\b/.test(text.slice(string.end));
    const image = sink.imageOf(groovyValue(string, variables), { site: "docker.image" });
    if (isUsed) sink.add({ kind: "pull", range, image });
  } else if (/\bdocker\s*\.\s*build\s*\(\s*$/.test(before)) {
    sink.add({ kind: "build", range, tool: "docker", ...buildPlaces(text.slice(string.end)), buildArguments: {} });
  } else if (/\b(?:docker\s*\.\s*)?with(?:Docker)?Registry\s*\(/.test(before.slice(-80))) {
    readRegistry(string, text, sink);
  }
}

/** `docker.build("name", "--build-arg X=Y -f ci/Dockerfile ./dir")`; without a second argument it builds in `.`. */
function buildPlaces(after: string): { context: string | undefined; dockerfile: string | undefined } {
  const options = /^\s*,\s*(["'])(.*?)\1/s.exec(after)?.[2];
  if (options === undefined) return { context: /^\s*,/.test(after) ? undefined : ".", dockerfile: undefined };
  const words = options.trim().split(/\s+/);
  const file = /(?:^|\s)(?:-f|--file)[\s=](\S+)/.exec(options)?.[1];
  const context = words.at(-1);
  return { context: context?.includes("$") === true ? undefined : context, dockerfile: file };
}

/** `docker.withRegistry('https://…', 'credentials')`, `withDockerRegistry([credentialsId: 'x', url: '…'])`. */
function readRegistry(string: GroovyString, text: string, sink: StepSink): void {
  const call = /\bwith(?:Docker)?Registry\s*\(([^)]*)$/.exec(string.before.slice(-200));
  const isFirst = call !== null && !/["']/.test(call[1] ?? "");
  if (!isFirst) return;
  const whole = `${call[1]}${text.slice(string.start, string.end)}${/^[^)]*/.exec(text.slice(string.end))?.[0] ?? ""}`;
  const url =
    /url\s*:\s*["']([^"']*)["']/.exec(whole)?.[1] ??
    (/\b(?:credentialsId|registry)\s*:/.test(whole) ? undefined : string.content.text);
  const hasCredentials =
    /credentialsId/.test(whole) || /^\s*,\s*\S/.test(text.slice(string.end)) || !/^https?:/.test(string.content.text);
  if (!hasCredentials) return;
  const login: LoginStep = {
    kind: "login",
    range: { start: string.start, end: string.end },
    host: url === "" || url === undefined ? undefined : url,
    userName: undefined,
    password: "action",
  };
  sink.add(login);
}
