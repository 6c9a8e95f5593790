import { relative, resolve } from "node:path";
import { replaceFile } from "../check/files/replace-file.ts";
import { type ReadRepository, readRepository } from "../check/read-repository.ts";
import { applyRemedy, type EditedFile } from "../check/remedies/apply-remedy.ts";
import { logIn } from "../check/remedies/log-in.ts";
import type { LeftOver, Remedy } from "../check/remedies/remedy.ts";
import { useEcrPublic } from "../check/remedies/use-ecr-public.ts";
import { spanOf } from "../check/report/source-position.ts";
import { UsageError } from "../usage-error.ts";
import { chooseEdits } from "./choose-edits.ts";
import type { FixFlags } from "./describe-fix.ts";
import { patchOf, printPatch } from "./print-patch.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo fix`: edits files in place, each whole; with `--dry-run` it shows what it would do. */
export async function fixCommand(path: string, flags: FixFlags, process: ProcessView): Promise<number> {
  if (flags.interactive === true) checkInteractive(flags, process);
  const root = resolve(process.currentDirectory, path);
  const source = flags.source && relative(root, resolve(process.currentDirectory, flags.source));
  const repository = readRepository(root, source === undefined ? {} : { source });
  const remedy = remedyOf(repository, flags);
  const chosen = flags.interactive === true ? await chooseEdits(repository, remedy, process) : remedy;
  const { edited, left } = applyRemedy(repository, chosen);
  if (flags.dryRun !== true) {
    for (const { file, text } of edited) replaceFile(repository.root, file, text);
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(resultOf(edited, left, flags))}\n`);
  else tell({ edited, left, isDeclined: flags.interactive === true && remedy.edits.length > 0 }, flags, process);
  return left.length === 0 ? exitStatus.succeeded : exitStatus.failed;
}

function checkInteractive({ json, dryRun }: FixFlags, { stdin, stdout }: ProcessView): void {
  if (json === true || dryRun === true) {
    throw new UsageError("CHECK_OPTION", `--interactive and ${json === true ? "--json" : "--dry-run"} disagree`);
  }
  if (stdin.isTTY === true && stdout.isTTY === true) return;
  throw new UsageError("CHECK_INTERACTIVE", "--interactive asks at a terminal, and there is none", {
    hint: "leave it out, or see the changes with --dry-run",
  });
}

/** Of what Secrets Manager takes as a name; an ARN has no six characters left to stand for. */
function checkSecret(name: string | undefined): void {
  if (name === undefined || /^[\w/+=.@-]{1,512}$/.test(name)) return;
  throw new UsageError("CHECK_SECRET", `--secret takes the name of a secret, not: ${name}`, {
    hint: "for example --secret ci/docker-hub",
  });
}

function remedyOf(repository: ReadRepository, { remedy, secret }: FixFlags): Remedy {
  checkSecret(secret);
  switch (remedy) {
    case "login":
      return logIn(repository, secret === undefined ? {} : { secretName: secret });
    case "ecr-public":
      return useEcrPublic(repository);
    case "pull-through-cache":
    case "gateway":
      throw new UsageError("CHECK_REMEDY", `--remedy ${remedy} is not carried out yet`, {
        hint: "login and ecr-public are; docs/gateway.md has the settings of each client for a gateway",
      });
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
}

function tell({ edited, left, isDeclined }: Outcome, { dryRun }: FixFlags, process: ProcessView): void {
  const terminal = openTerminal(process, process.stdout);
  const { line, style } = terminal;
  for (const { file, text } of edited) {
    if (dryRun !== true) line(`${style("green", "mended")} ${file.path}`);
    else printPatch(terminal, patchOf(file, text));
  }
  for (const { file, range, message, snippet } of left) {
    const { line: row, column } = spanOf(file, range);
    line(`${style("yellow", "left")} ${style("bold", `${file.path}:${row}:${column}`)} ${message}`);
    if (snippet !== undefined) line(`  ${style("dim", "add")} ${snippet}`);
  }
  if (edited.length === 0 && isDeclined) line("nothing was changed");
  else if (edited.length + left.length === 0) line("nothing to mend");
}
