import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { stageFiles } from "../check/files/replace-files.ts";
import { clearKilledReplacement, type KilledReplacement } from "../check/files/replacement-record.ts";
import type { ReadRepository } from "../check/read-repository.ts";
import { applyRemedy, type EditedFile } from "../check/remedies/apply-remedy.ts";
import { parseGatewayAddress } from "../check/remedies/gateway-address.ts";
import { logIn } from "../check/remedies/log-in.ts";
import { mirrorByGateway } from "../check/remedies/mirror-by-gateway.ts";
import { pullByGateway } from "../check/remedies/pull-by-gateway.ts";
import { pullThroughCache } from "../check/remedies/pull-through-cache.ts";
import type { LeftOver, Remedy } from "../check/remedies/remedy.ts";
import { useEcrPublic } from "../check/remedies/use-ecr-public.ts";
import { spanOf } from "../check/report/source-position.ts";
import { chooseEdits } from "./choose-edits.ts";
import type { FixFlags } from "./describe-fix.ts";
import { watchEndSignals } from "./end-signals.ts";
import { checkFixFlags } from "./fix-flags.ts";
import { openRepository } from "./open-repository.ts";
import { patchOf, printPatch } from "./print-patch.ts";
import { exitStatus, Interruption } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo fix`: edits files in place, all or none; with `--dry-run` it shows what it would do. */
export async function fixCommand(path: string, flags: FixFlags, process: ProcessView): Promise<number> {
  checkFixFlags(flags, process);
  const root = resolve(process.currentDirectory, path);
  const killed = flags.dryRun === true ? undefined : clearKilledReplacement(directoryOf(root));
  if (killed !== undefined) tellKilled(killed, process);
  const repository = openRepository(path, flags.source, process);
  const remedy = remedyOf(repository, flags);
  const chosen = flags.interactive === true ? await chooseEdits(repository, remedy, process) : remedy;
  const { edited, left } = applyRemedy(repository, chosen);
  if (flags.dryRun !== true && edited.length > 0) await replaceAll(repository.root, edited);
  const { notes = [] } = remedy;
  const isDeclined = flags.interactive === true && remedy.edits.length > 0;
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ ...resultOf(edited, left, flags), notes })}\n`);
  else tell({ edited, left, notes, isDeclined }, flags, process);
  return left.length === 0 ? exitStatus.succeeded : exitStatus.failed;
}

/** Where what lies beside a file, or in a directory, is looked for. */
function directoryOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? dirname(path) : path;
}

/** Ctrl-C in the middle puts the old texts back. */
async function replaceAll(root: string, edited: readonly EditedFile[]): Promise<void> {
  const { ended } = watchEndSignals();
  const interruption = new AbortController();
  void ended.then(() => interruption.abort(new Interruption("interrupted: no file is changed")));
  await stageFiles(root, edited).commit(interruption.signal);
}

function tellKilled({ replaced, left }: KilledReplacement, process: ProcessView): void {
  const { line, style } = openTerminal(process, process.stderr);
  const list = (paths: readonly string[]) => (paths.length === 0 ? "none" : paths.join(", "));
  line(
    `${style("yellow", "note")} an earlier chubo fix was killed; mended: ${list(replaced)}; as before: ${list(left)}`,
  );
}

function remedyOf(
  repository: ReadRepository,
  { remedy, secret, gateway = "127.0.0.1:5000", mirror }: FixFlags,
): Remedy {
  switch (remedy) {
    case "login":
      return logIn(repository, secret === undefined ? {} : { secretName: secret });
    case "ecr-public":
      return useEcrPublic(repository);
    case "pull-through-cache":
      return pullThroughCache(repository, secret === undefined ? {} : { secretArn: secret });
    case "gateway":
      return (mirror === true ? mirrorByGateway : pullByGateway)(repository, parseGatewayAddress(gateway));
  }
}

function resultOf(edited: readonly EditedFile[], left: readonly LeftOver[], { remedy, dryRun }: FixFlags) {
  return {
    remedy,
    written: dryRun !== true,
    edited: edited.map(({ file, text }) => ({ file: file.path, patch: patchOf(file, text) })),
    left: left.map(({ file, range, message, snippet }) => ({
      file: file.path,
      ...spanOf(file, range),
      message,
      snippet,
    })),
  };
}

interface Outcome {
  edited: readonly EditedFile[];
  left: readonly LeftOver[];
  /** Where nothing was edited, somebody may have wanted it so. */
  isDeclined: boolean;
  notes: readonly string[];
}

function tell({ edited, left, notes, isDeclined }: Outcome, { dryRun }: FixFlags, process: ProcessView): void {
  const terminal = openTerminal(process, process.stdout);
  const { line, style } = terminal;
  for (const { file, text } of edited) {
    if (dryRun !== true) line(`${style("green", "mended")} ${file.path}`);
    else printPatch(terminal, patchOf(file, text));
  }
  for (const [index, { file, range, message, snippet }] of left.entries()) {
    const { line: row, column } = spanOf(file, range);
    line(`${style("yellow", "left")} ${style("bold", `${file.path}:${row}:${column}`)} ${message}`);
    // One for all of them that follow each other.
    if (snippet === undefined || snippet === left[index + 1]?.snippet) continue;
    line(`  ${style("dim", "add")} ${snippet.replaceAll("\n", "\n      ")}`);
  }
  for (const note of notes) line(`${style("yellow", "note")} ${note}`);
  if (edited.length === 0 && isDeclined) line("nothing was changed");
  else if (edited.length + left.length === 0) line("nothing to mend");
}
