import type { LoginStep } from "../../build-job.ts";
import { loginOptions } from "./option-tables.ts";
import { findOption, hasOption, readOptions } from "./options.ts";
import { constantOf, type ShellValue, textOf } from "./shell-value.ts";
import type { SimpleCommand } from "./simple-command.ts";
import type { StepSink } from "./step-sink.ts";
import { nameOf } from "./unwrap-command.ts";

/** Which registry of ECR, `aws ecr get-login` says only when it runs. */
const anyEcrHost = "*.dkr.ecr.*.amazonaws.com";

/** https://github.com/containers/image/blob/v5.36.2/pkg/docker/config/config.go, normalizeRegistry */
const normalizingClients = /^(?:podman|buildah|skopeo|crane|gcrane)$/;

/** `docker login [OPTIONS] [SERVER]`, and that of podman, buildah, skopeo, nerdctl, crane, oras and helm. */
export function readLogin(command: SimpleCommand, words: readonly ShellValue[], sink: StepSink): void {
  const line = readOptions(words, loginOptions);
  // `docker login $(aws ecr get-login …)` is a mistake that some make; it means ECR all the same.
  const made = words.find((word) => word.command !== undefined && isEcrGetLogin(word.command));
  if (made !== undefined) return loginToEcr(command, made.command ?? "", sink);
  const host = line.operands.at(-1);
  const userName = findOption(line, "u", "username");
  const argument = findOption(line, "p", "password");
  const isStdin = hasOption(line, "password-stdin");
  if (hasOption(line, "get-login", "help")) return;
  const secret = isStdin ? findPasswordInput(command) : argument;
  const variable = secret && variableName(secret);
  sink.login(command, {
    host: host && textOf(host),
    userName: userName && textOf(userName),
    password: argument !== undefined ? "argument" : isStdin ? "stdin" : "prompt",
    ...(variable !== undefined && { passwordVariable: variable }),
    ...(normalizingClients.test(nameOf(command.words[0])) && { normalizesHost: true }),
  });
}

/** `echo "$X" |`, `<<< "$X"`; of a longer pipe the first that shows a variable. */
function findPasswordInput({ input }: SimpleCommand): ShellValue | undefined {
  for (const source of input) {
    if (source.kind === "text") return source.text;
    if (source.kind !== "command" || !/^(?:echo|printf)$/.test(nameOf(source.command.words[0]))) continue;
    const shown = source.command.words.slice(1).find((word) => variableName(word) !== undefined);
    if (shown !== undefined) return shown;
  }
  return undefined;
}

function variableName({ place }: ShellValue): string | undefined {
  return /^\s*"?\$\{?([A-Za-z_]\w*)\}?"?\s*$/.exec(place.text)?.[1];
}

/** Version 1 of the AWS CLI prints `docker login -u AWS -p … https://…` to be run. */
export function isEcrGetLogin(written: string): boolean {
  return /\baws\b[^|;&]*\becr\s+(?:--\S+\s+\S+\s+)*get-login\b(?!-)/.test(written);
}

export function loginToEcr(command: SimpleCommand, written: string, sink: StepSink): void {
  const region = /--region[= ]+"?([a-z]{2}-[a-z-]+-\d)\b/.exec(written)?.[1] ?? "*";
  const login: Omit<LoginStep, "kind" | "range"> = {
    host: anyEcrHost.replace(".*.", `.${region}.`),
    userName: "AWS",
    password: "argument",
  };
  sink.login(command, login);
}

/** `--creds user:password`, `--src-creds`: a login for one command. */
export function readCredentials(
  command: SimpleCommand,
  credentials: ShellValue | undefined,
  image: ShellValue | undefined,
  sink: StepSink,
): void {
  if (credentials === undefined || image === undefined) return;
  const name = constantOf(image) ?? textOf(image);
  const first = name.slice(0, Math.max(0, name.indexOf("/")));
  const [userName = ""] = textOf(credentials).split(":");
  const password = /:\$\{?(\w+)\}?$/.exec(credentials.place.text)?.[1];
  sink.login(command, {
    host: /[.:]|^localhost$/.test(first) ? first : undefined,
    userName,
    password: "argument",
    ...(password !== undefined && { passwordVariable: password }),
  });
}
