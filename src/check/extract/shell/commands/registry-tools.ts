import { readCredentials, readLogin } from "../login.ts";
import { globalOptions, pullOptions, registryToolOptions, skopeoOptions } from "../option-tables.ts";
import { findOption, readOptions } from "../options.ts";
import type { CommandReader } from "../run-command.ts";
import { partOf, type ShellValue, textOf } from "../shell-value.ts";

/** `skopeo copy docker://a docker://b`: the first is pulled. */
export const runSkopeo: CommandReader = (command, { sink }) => {
  const [verb, ...words] = readOptions(command.words.slice(1), globalOptions).operands;
  const name = verb === undefined ? "" : textOf(verb);
  if (name === "login") return readLogin(command, words, sink);
  if (name !== "copy" && name !== "inspect" && name !== "sync") return;
  const line = readOptions(words, skopeoOptions);
  const [source] = line.operands;
  const transport = findOption(line, "src", "s");
  const isDocker =
    source !== undefined && (textOf(source).startsWith("docker://") || (transport && textOf(transport) === "docker"));
  if (source === undefined || isDocker !== true) return;
  const image = textOf(source).startsWith("docker://") ? partOf(source, "docker://".length) : source;
  readCredentials(command, findOption(line, "src-creds", "creds"), image, sink);
  sink.pull(command, image, { site: `skopeo ${name}` });
};

/** Which operands are read from the registry. `crane digest` asks with HEAD, which does not count. */
const craneReads: Readonly<Record<string, "first" | "all" | "but-last">> = {
  pull: "but-last",
  manifest: "first",
  config: "first",
  export: "first",
  copy: "first",
  cp: "first",
  mutate: "first",
  flatten: "first",
  validate: "first",
};

/** crane, gcrane and regctl. */
export const runCrane: CommandReader = (command, { sink }) => {
  const { operands } = readOptions(command.words.slice(1), registryToolOptions);
  const [group = "", sub = ""] = operands.map(textOf);
  if ((group === "auth" || group === "registry") && sub === "login")
    return readLogin(command, operandsAfter(command.words, sub), sink);
  const isGroup = group === "image" || group === "manifest";
  const verb =
    isGroup && !(group === "manifest" && command.words[0] && textOf(command.words[0]).endsWith("crane")) ? sub : group;
  const reads = verb === "get" ? "first" : Object.hasOwn(craneReads, verb) ? craneReads[verb] : undefined;
  const images = operands.slice(verb === group ? 1 : 2);
  if (reads === undefined) return;
  const read = reads === "but-last" ? images.slice(0, Math.max(1, images.length - 1)) : images.slice(0, 1);
  for (const image of read) sink.pull(command, image, { site: `${textOf(command.words[0] as ShellValue)} ${verb}` });
};

export const runOras: CommandReader = (command, { sink }) => {
  const { operands } = readOptions(command.words.slice(1), registryToolOptions);
  const [verb = ""] = operands.map(textOf);
  if (verb === "login") return readLogin(command, operandsAfter(command.words, verb), sink);
  if (verb === "pull" || verb === "copy" || verb === "cp") sink.pull(command, operands[1], { site: `oras ${verb}` });
};

/** `ctr -n k8s.io images pull docker.io/library/nginx:1`, `crictl pull`, `img pull`. */
export const runCtr: CommandReader = (command, { sink }) => {
  const [first, ...rest] = readOptions(command.words.slice(1), globalOptions).operands;
  const isGroup = first !== undefined && /^(?:images?|i|content)$/.test(textOf(first));
  const [verb, ...words] = isGroup ? rest : first === undefined ? [] : [first, ...rest];
  if (verb === undefined || !/^(?:pull|fetch)$/.test(textOf(verb))) return;
  const line = readOptions(words, pullOptions);
  readCredentials(command, findOption(line, "u", "user", "creds"), line.operands[0], sink);
  sink.pull(command, line.operands[0], {
    site: `${textOf(command.words[0] as ShellValue)} pull`,
    platform: findOption(line, "platform"),
  });
};

function operandsAfter(words: readonly ShellValue[], verb: string): readonly ShellValue[] {
  return words.slice(words.findIndex((word) => textOf(word) === verb) + 1);
}
