import type { BuildImageStep } from "../../../build-job.ts";
import { readDockerfileText } from "../dockerfile-text.ts";
import { bakeOptions, buildOptions } from "../option-tables.ts";
import { type CommandLine, findOption, findOptions, hasOption, readOptions } from "../options.ts";
import type { Surroundings } from "../run-command.ts";
import { constantOf, partOf, type ShellValue, textOf } from "../shell-value.ts";
import type { SimpleCommand } from "../simple-command.ts";
import { rangeOf } from "../step-sink.ts";

interface BuildInvocation extends Surroundings {
  command: SimpleCommand;
  words: readonly ShellValue[];
  tool: string;
  site: string;
}

/** `docker build`, `docker buildx build`, `podman build`, `buildah bud`, `nerdctl build`. */
export function readBuild({ command, words, sink, tool, site }: BuildInvocation): void {
  const line = readOptions(words, buildOptions);
  if (hasOption(line, "help")) return;
  for (const context of findOptions(line, "build-context")) {
    const at = textOf(context).indexOf("=docker-image://");
    if (at > 0)
      sink.pull(command, partOf(context, at + "=docker-image://".length), { site: `${site} --build-context` });
  }
  for (const cache of findOptions(line, "cache-from")) pullCache({ command, sink, site }, cache);
  const base = findOption(line, "from");
  if (base !== undefined) sink.pull(command, base, { site: `${site} --from` });
  const [context] = line.operands;
  const isInput = context === undefined || textOf(context) === "-" || isInputFile(line);
  if (isInput) readDockerfileText(command, sink);
  sink.add({
    kind: "build",
    range: rangeOf(command),
    tool: toolOf(tool, site),
    ...readPlaces(command, line),
    ...readTarget(line),
    ...readBuildArguments(command, findOptions(line, "build-arg"), sink),
    ...(command.isRetried && { retried: true }),
  });
  for (const tag of findOptions(line, "t", "tag")) sink.addBuilt(command, tag);
}

function toolOf(tool: string, site: string): BuildImageStep["tool"] {
  if (site.includes("buildx")) return "buildx";
  return tool === "podman" || tool === "buildah" ? tool : "docker";
}

function isInputFile(line: CommandLine): boolean {
  const file = findOption(line, "f", "file");
  return file !== undefined && textOf(file) === "-";
}

/** Where context and Dockerfile are, from the directory in which the script began. */
function readPlaces(
  { input, scope }: SimpleCommand,
  line: CommandLine,
): Pick<BuildImageStep, "context" | "dockerfile"> {
  const [operand] = line.operands;
  const path = operand && constantOf(operand);
  const isRemote = path !== undefined && /^(?:https?|git|ssh):\/\/|^git@/.test(path);
  const isInput = path === "-";
  const context = path === undefined || isInput ? undefined : isRemote ? path : scope.resolvePath(path);
  const file = findOption(line, "f", "file");
  const redirected = isInput ? input.findLast((source) => source.kind === "file") : undefined;
  const named = file !== undefined && textOf(file) !== "-" ? file : redirected?.path;
  if (named === undefined) return { context, dockerfile: undefined };
  const constant = constantOf(named);
  return { context, dockerfile: (constant === undefined ? undefined : scope.resolvePath(constant)) ?? textOf(named) };
}

function readTarget(line: CommandLine): Pick<BuildImageStep, "target"> {
  const target = findOption(line, "target");
  const constant = target && constantOf(target);
  return constant === undefined ? {} : { target: constant };
}

/** A name without a value takes the environment's. */
export function readBuildArguments(
  command: SimpleCommand,
  values: readonly ShellValue[],
  sink: Surroundings["sink"],
): Pick<BuildImageStep, "buildArguments" | "unknownBuildArguments"> {
  const buildArguments: Record<string, string> = {};
  const unknown: string[] = [];
  for (const value of values) {
    const text = textOf(value);
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const variable = command.environment.get(name) ?? command.scope.variables.get(name);
    const content = equals < 0 ? variable : partOf(value, equals + 1);
    const constant = content && constantOf(content);
    if (constant === undefined) unknown.push(name);
    else buildArguments[name] = constant;
    if (name === "BUILDKIT_SYNTAX" && equals > 0) {
      sink.pull(command, partOf(value, equals + 1), { kind: "dockerfile-syntax", site: "--build-arg BUILDKIT_SYNTAX" });
    }
  }
  return { buildArguments, ...(unknown.length > 0 && { unknownBuildArguments: unknown }) };
}

/** BuildKit reads the manifest of a cache in a registry; the classic builder looks among local images alone. */
function pullCache(
  { command, sink, site }: Pick<BuildInvocation, "command" | "sink" | "site">,
  cache: ShellValue,
): void {
  const found = /(?:^|,)ref=([^,]+)/.exec(textOf(cache));
  if (found?.[1] === undefined || !textOf(cache).includes("type=registry")) return;
  const start = found.index + found[0].length - found[1].length;
  sink.pull(command, partOf(cache, start, start + found[1].length), { site: `${site} --cache-from` });
}

/** `docker buildx bake [-f FILE] [TARGET]`: its file says what is built. */
export function readBake({ command, words, sink }: BuildInvocation): void {
  const line = readOptions(words, bakeOptions);
  const files = findOptions(line, "f", "file").map((file) => command.scope.resolvePath(textOf(file)) ?? textOf(file));
  sink.add({
    kind: "build",
    range: rangeOf(command),
    tool: "bake",
    context: command.scope.directory,
    dockerfile: undefined,
    buildArguments: {},
    files,
    ...(line.operands.length > 0 && { targets: line.operands.map(textOf) }),
    ...(command.isRetried && { retried: true }),
  });
}
