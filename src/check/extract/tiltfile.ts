import { posix } from "node:path";
import type { BuildStep } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import type { TextRange } from "../source-file.ts";
import { openFindings } from "./findings.ts";

const call = /^[^#\n]*?\b(docker_build|docker_build_with_restart|docker_compose)\(/gm;

/** https://docs.tilt.dev/api.html#api.docker_build. What it pulls stands in the Dockerfiles and manifests that it names. */
export const tiltfile: FileReader = {
  kind: "Tiltfile",
  isFor: ({ path }) => /(?:^|\/)(?:Tiltfile(?:\.[^/]+)?|[^/]+\.tiltfile)$/.test(path),
  read({ path, text }) {
    const findings = openFindings(text);
    const folder = posix.dirname(path);
    const steps = [...text.matchAll(call)].map((match) => readCall(text, match, folder));
    if (steps.length > 0) {
      const range = { start: 0, end: text.length };
      findings.jobs.push({ runner: "script", name: path, range, runnerImages: [], steps });
    }
    return findings.extraction();
  },
};

function readCall(text: string, { 0: head, 1: name = "", index }: RegExpExecArray, folder: string): BuildStep {
  const start = index + head.length;
  const end = findClosing(text, start);
  const range: TextRange = { start: start - name.length - 1, end: Math.min(end + 1, text.length) };
  const { positional, named } = readArguments(text.slice(start, end));
  const literal = (written: string | undefined) => /^r?(["'])(.*)\1$/s.exec(written ?? "")?.[2];
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
  const pairs = [...(named.get("build_args") ?? "").matchAll(/["']([\w.-]+)["']\s*:\s*(["'])(.*?)\2/g)];
  return {
    kind: "build",
    range,
    tool: "docker",
    context: inFolder(positional[1] ?? named.get("context")),
    dockerfile: inFolder(named.get("dockerfile")),
    ...(target !== undefined && { target }),
    buildArguments: Object.fromEntries(pairs.map(([, key = "", , value = ""]) => [key, value])),
  };
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
