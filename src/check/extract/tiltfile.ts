import { posix } from "node:path";
import type { BuildImageStep, BuildStep } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import { type MappedText, pieceOf, wholeText } from "../mapped-text.ts";
import type { TextRange } from "../source-file.ts";
import { splitArguments } from "./build-arguments.ts";
import { readDockerfile } from "./dockerfile/read-dockerfile.ts";
import { type Findings, openFindings } from "./findings.ts";
import { replaceReferences } from "./script-references.ts";

const call = /^[^#\n]*?\b(docker_build|docker_build_with_restart|docker_compose)\(/gm;

/** The name of what is built is the first argument. */
const builtName =
  /^[^#\n]*?\b(?:docker_build|docker_build_with_restart|custom_build)\(\s*(?:ref\s*=\s*)?(["'])([^"'\n]+)\1/gm;

/** https://docs.tilt.dev/api.html#api.docker_build. What it pulls stands in the Dockerfiles and manifests that it names. */
export const tiltfile: FileReader = {
  kind: "Tiltfile",
  isFor: ({ path }) => /(?:^|\/)(?:Tiltfile(?:\.[^/]+)?|[^/]+\.tiltfile)$/.test(path),
  read({ path, text }) {
    const findings = openFindings(text);
    const folder = posix.dirname(path);
    const steps = [...text.matchAll(call)].map((match) => readCall(text, match, folder, findings));
    for (const { 0: head, 2: name = "", index } of text.matchAll(builtName)) {
      const options = text.slice(index, findClosing(text, index + head.length));
      // A build that leaves Docker out may build nothing: the image is the registry's, changed while it runs.
      if (!/\bskips_local_docker\s*=\s*True\b/.test(options)) findings.builtImages.push(name);
    }
    if (steps.length > 0) {
      const range = { start: 0, end: text.length };
      findings.jobs.push({ runner: "script", name: path, range, runnerImages: [], steps });
    }
    return findings.extraction();
  },
};

function readCall(
  text: string,
  { 0: head, 1: name = "", index }: RegExpExecArray,
  folder: string,
  findings: Findings,
): BuildStep {
  const start = index + head.length;
  const end = findClosing(text, start);
  const range: TextRange = { start: start - name.length - 1, end: Math.min(end + 1, text.length) };
  const { positional, named } = readArguments(text.slice(start, end));
  const literal = (written: string | undefined) => /^r?(["'])([^"'\\]*)\1$/.exec(written ?? "")?.[2];
  const inFolder = (written: string | undefined) => {
    const value = literal(written);
    return value === undefined ? undefined : posix.join(folder, value);
  };
  if (name === "docker_compose") {
    const first = positional[0] ?? named.get("configPaths") ?? "";
    const files = [...first.matchAll(/(["'])(.*?)\1/g)].map(([, , file = ""]) => posix.join(folder, file));
    return { kind: "compose", range, verb: "up", files };
  }
  const target = literal(named.get("target"));
  const pairs = [...(named.get("build_args") ?? "").matchAll(/["']([\w.-]+)["']\s*:\s*([^,}]*[^,}\s])/g)];
  const step: BuildImageStep = {
    kind: "build",
    range,
    tool: "docker",
    context: inFolder(positional[1] ?? named.get("context")),
    dockerfile: inFolder(named.get("dockerfile")),
    ...(target !== undefined && { target }),
    ...splitArguments(pairs.map(([, key = "", value]) => [key, literal(value)])),
    ...(named.has("dockerfile_contents") && { isInline: true }),
  };
  if (step.isInline) readInline(pieceOf(wholeText(text), { start, end }), step, { findings, fileText: text });
  return step;
}

const contents = /\bdockerfile_contents\s*=\s*("""|'''|["'])((?:\\[\s\S]|(?!\1)[^\\])*)\1/;

/** A Dockerfile that the call holds; what puts a variable in, or is read from elsewhere, is not looked into. */
function readInline(
  source: MappedText,
  { buildArguments, unknownBuildArguments = [], target }: BuildImageStep,
  { findings, fileText }: { findings: Findings; fileText: string },
): void {
  const match = contents.exec(source.text);
  const [all = "", quote = "", inner = ""] = match ?? [];
  if (match === null || /^\s*(?:[+%]|\.format)/.test(source.text.slice(match.index + all.length))) return;
  const start = match.index + all.length - quote.length - inner.length;
  const content = pieceOf(source, { start, end: start + inner.length });
  const dockerfile = replaceReferences(content, /\\(?:n|\n)/g, ([written]) => (written === "\\n" ? "\n" : undefined));
  const options = { buildArguments, unknownBuildArguments, fileText, ...(target !== undefined && { target }) };
  const { images, notes } = readDockerfile(dockerfile, options);
  for (const image of images) findings.addImage({ ...image, site: `dockerfile_contents: ${image.site}` });
  findings.notes.push(...notes);
}

const starlarkToken = /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*|[()[\]{},=]/g;

function findClosing(text: string, from: number): number {
  let depth = 0;
  for (const { 0: token, index } of text.slice(from).matchAll(starlarkToken)) {
    if (/^[([{]$/.test(token)) depth++;
    else if (/^[)\]}]$/.test(token) && depth-- === 0) return from + index;
  }
  return text.length;
}

/** The arguments of a call, as written. */
function readArguments(text: string): { positional: string[]; named: Map<string, string> } {
  const positional: string[] = [];
  const named = new Map<string, string>();
  let depth = 0;
  let start = 0;
  const add = (end: number) => {
    const [, name, value] =
      /^\s*(?:#[^\n]*\n\s*)*(?:(\w+)\s*=(?!=))?\s*([\s\S]*?)\s*$/.exec(text.slice(start, end)) ?? [];
    if (name !== undefined && value !== undefined) named.set(name, value);
    else if (value) positional.push(value);
  };
  for (const { 0: token, index } of text.matchAll(starlarkToken)) {
    if (/^[([{]$/.test(token)) depth++;
    else if (/^[)\]}]$/.test(token)) depth--;
    else if (token === "," && depth === 0) {
      add(index);
      start = index + 1;
    }
  }
  add(text.length);
  return { positional, named };
}
