import { relative, resolve } from "node:path";
import { createTwoFilesPatch } from "diff";
import { replaceFile } from "../check/files/replace-file.ts";
import { type ReadRepository, readRepository } from "../check/read-repository.ts";
import { applyRemedy, type EditedFile } from "../check/remedies/apply-remedy.ts";
import { logIn } from "../check/remedies/log-in.ts";
import { pullThroughCache } from "../check/remedies/pull-through-cache.ts";
import type { LeftOver, Remedy } from "../check/remedies/remedy.ts";
import { useEcrPublic } from "../check/remedies/use-ecr-public.ts";
import { spanOf } from "../check/report/source-position.ts";
import { UsageError } from "../usage-error.ts";
import type { FixFlags } from "./describe-fix.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo fix`: edits files in place, each whole; with `--dry-run` it shows what it would do. */
export async function fixCommand(path: string, flags: FixFlags, process: ProcessView): Promise<number> {
  const root = resolve(process.currentDirectory, path);
  const source = flags.source && relative(root, resolve(process.currentDirectory, flags.source));
  const repository = readRepository(root, source === undefined ? {} : { source });
  const { edited, left } = applyRemedy(repository, remedyOf(repository, flags));
  if (flags.dryRun !== true) {
    for (const { file, text } of edited) replaceFile(repository.root, file, text);
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(resultOf(edited, left, flags))}\n`);
  else tell(edited, left, flags, process);
  return left.length === 0 ? exitStatus.succeeded : exitStatus.failed;
}

/** Of what Secrets Manager takes as a name; an ARN has no six characters left to stand for. */
function checkSecret(name: string | undefined): void {
  if (name === undefined || /^[\w/+=.@-]{1,512}$/.test(name)) return;
  throw new UsageError("CHECK_SECRET", `--secret takes the name of a secret, not: ${name}`, {
    hint: "for example --secret ci/docker-hub",
  });
}

/** A rule names its secret by the whole ARN, and ECR reads no other names. */
function checkSecretArn(arn: string | undefined): void {
  if (
    arn === undefined ||
    /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:ecr-pullthroughcache\/[\w/+=.@-]+$/.test(arn)
  )
    return;
  throw new UsageError("CHECK_SECRET", `--secret takes the ARN of a secret ecr-pullthroughcache/…, not: ${arn}`, {
    hint: "its keys are username and accessToken; aws secretsmanager describe-secret prints its ARN",
  });
}

function remedyOf(repository: ReadRepository, { remedy, secret }: FixFlags): Remedy {
  switch (remedy) {
    case "login":
      checkSecret(secret);
      return logIn(repository, secret === undefined ? {} : { secretName: secret });
    case "ecr-public":
      return useEcrPublic(repository);
    case "pull-through-cache":
      checkSecretArn(secret);
      return pullThroughCache(repository, secret === undefined ? {} : { secretArn: secret });
    case "gateway":
      throw new UsageError("CHECK_REMEDY", `--remedy ${remedy} is not carried out yet`, {
        hint: "the others are; docs/gateway.md has the settings of each client for a gateway",
      });
  }
}

function resultOf(edited: readonly EditedFile[], left: readonly LeftOver[], { remedy, dryRun }: FixFlags) {
  return {
    remedy,
    written: dryRun !== true,
    edited: edited.map(({ file, text }) => ({ file: file.path, patch: patchOf(file.path, file.text, text) })),
    left: left.map(({ file, range, message, snippet }) => ({
      file: file.path,
      ...spanOf(file, range),
      message,
      snippet,
    })),
  };
}

function patchOf(path: string, before: string, after: string): string {
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 2 });
}

function tell(
  edited: readonly EditedFile[],
  left: readonly LeftOver[],
  { dryRun }: FixFlags,
  process: ProcessView,
): void {
  const { line, style } = openTerminal(process, process.stdout);
  for (const { file, text } of edited) {
    if (dryRun !== true) line(`${style("green", "mended")} ${file.path}`);
    else {
      for (const row of patchOf(file.path, file.text, text).trimEnd().split("\n").slice(1)) line(styleRow(row, style));
    }
  }
  for (const { file, range, message, snippet } of left) {
    const { line: row, column } = spanOf(file, range);
    line(`${style("yellow", "left")} ${style("bold", `${file.path}:${row}:${column}`)} ${message}`);
    if (snippet !== undefined) line(`  ${style("dim", "add")} ${snippet.replaceAll("\n", "\n      ")}`);
  }
  if (edited.length + left.length === 0) line("nothing to mend");
}

function styleRow(row: string, style: ReturnType<typeof openTerminal>["style"]): string {
  if (/^(?:\+\+\+|---|@@)/.test(row)) return style("bold", row);
  if (row.startsWith("+")) return style("green", row);
  return row.startsWith("-") ? style("red", row) : row;
}
