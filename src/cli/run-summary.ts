import type { BatchResult, BuildResult, PullResult, RunResult } from "../server/run-result.ts";
import { printBatchTable } from "./batch-table.ts";
import { shownPath } from "./shown-path.ts";
import type { Terminal } from "./terminal.ts";

export interface SummaryOptions {
  /** Why it failed, a line each. */
  cause: readonly string[];
  /** Where whoever reads it stands. */
  currentDirectory: string;
  hasShownPhases?: boolean;
}

/** The end of a run for people: what was built, pushed, pulled, and which permissions were missing or unused. */
export function printRunSummary(
  terminal: Terminal,
  result: RunResult,
  { cause, currentDirectory, hasShownPhases = false }: SummaryOptions,
): void {
  if (result.batch !== undefined) printBatch(terminal, result.batch, result.builds);
  for (const build of result.builds) {
    if (!hasShownPhases && result.batch === undefined) printPhases(terminal, build);
  }
  printArtifacts(terminal, [...result.builds, ...(result.batch === undefined ? [] : [result.batch])], currentDirectory);
  printImages(terminal, result);
  printPulls(terminal, result.pulls);
  printPermissions(terminal, result.iam);
  const isGood = result.status === "SUCCEEDED";
  const [where, ...details] = cause;
  terminal.line();
  const verdict = `${isGood ? "✓" : "✗"} ${result.status}`;
  // A file or a pipe gets whole lines, for whoever searches them.
  const width = terminal.interactive ? terminal.columns - 2 : Number.POSITIVE_INFINITY;
  const [first = verdict, ...more] = wrapWords([verdict, ...(where?.split(" ") ?? [])], width);
  terminal.line(terminal.style([isGood ? "green" : "red", "bold"], verdict) + first.slice(verdict.length));
  const lines = [...more, ...details.flatMap((detail) => wrapWords(detail.split(" "), width))];
  for (const line of lines) terminal.line(`  ${line}`);
}

function printPhases(terminal: Terminal, build: BuildResult): void {
  heading(terminal, "Phases");
  for (const phase of build.phases) {
    if (phase.phaseStatus === undefined) continue;
    const mark = phase.phaseStatus === "SUCCEEDED" ? terminal.style("green", "✓") : terminal.style("red", "✗");
    const seconds = phase.durationInSeconds === undefined ? "" : `${phase.durationInSeconds.toFixed(1).padStart(6)} s`;
    terminal.line(`  ${mark} ${phase.phaseType.padEnd(16)}${terminal.style("dim", seconds)}`);
    for (const context of phase.contexts.filter(({ statusCode }) => statusCode !== "")) {
      for (const line of `${context.statusCode}: ${context.message}`.split("\n")) {
        terminal.line(`    ${terminal.style("red", line)}`);
      }
    }
  }
}

function printBatch(terminal: Terminal, batch: BatchResult, builds: readonly BuildResult[]): void {
  if (batch.groups.length === 0) return;
  heading(terminal, "Builds");
  printBatchTable(terminal, batch, builds);
}

/** An artifact may have thousands of files; `--json` names them all. */
const mostNames = 10;

type HasArtifacts = Pick<BuildResult, "artifacts">;

function printArtifacts(terminal: Terminal, owners: readonly HasArtifacts[], currentDirectory: string): void {
  const artifacts = owners.flatMap((owner) => owner.artifacts);
  if (artifacts.length > 0) heading(terminal, "Artifacts");
  for (const { name, path, files } of artifacts) {
    const more = files.length > mostNames ? ` and ${files.length - mostNames} more` : "";
    terminal.line(`  ${name}: ${files.slice(0, mostNames).join(", ")}${more}`);
    terminal.line(`    ${terminal.style("dim", shownPath(path, currentDirectory))}`);
  }
}

function printImages(terminal: Terminal, { images }: RunResult): void {
  if (images.length > 0) heading(terminal, "Images pushed");
  for (const { registry, repository, tag, digest, size } of images) {
    const name = `${registry}/${repository}${tag === null ? "" : `:${tag}`}`;
    terminal.line(`  ${name}  ${terminal.style("dim", `${formatBytes(size)}  ${shortenDigest(digest)}`)}`);
  }
}

function printPulls(terminal: Terminal, pulls: readonly PullResult[]): void {
  if (pulls.length > 0) heading(terminal, "Pulls");
  const shown = new Map<string, number>();
  for (const pull of pulls) {
    const status = pull.status >= 400 ? terminal.style("red", `refused (${pull.status})`) : describeCount(pull);
    const line = `  ${shortenDigest(pull.reference)} as ${pull.as}: ${status}`;
    shown.set(line, (shown.get(line) ?? 0) + 1);
  }
  for (const [line, times] of shown) terminal.line(times > 1 ? `${line} ${terminal.style("dim", `×${times}`)}` : line);
}

function describeCount({ counted }: PullResult): string {
  return counted ? "counted by the limit" : "not counted";
}

function printPermissions(terminal: Terminal, iam: RunResult["iam"]): void {
  if (iam.denied.length > 0) heading(terminal, "Permissions missing");
  for (const { action, resource, principal } of iam.denied) {
    terminal.line(`  ${terminal.style("red", action)} on ${resource}  ${terminal.style("dim", principal)}`);
  }
  if (iam.unused.length > 0) heading(terminal, "Permissions granted and not used in this run");
  const byResource = Map.groupBy(iam.unused, ({ resource }) => resource);
  for (const [resource, entries] of byResource) {
    terminal.line(terminal.style("dim", `  on ${resource}`));
    const actions = entries.map(({ action }, index) => (index < entries.length - 1 ? `${action},` : action));
    for (const line of wrapWords(actions, terminal.columns - 4)) terminal.line(terminal.style("dim", `    ${line}`));
  }
}

function heading(terminal: Terminal, text: string): void {
  terminal.line();
  terminal.line(terminal.style("bold", text));
}

function shortenDigest(text: string): string {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/, "$1…");
}

function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
