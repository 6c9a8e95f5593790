import { readCredentials, readLogin } from "../login.ts";
import {
  builderOptions,
  buildOptions,
  globalOptions,
  imagetoolsOptions,
  pullOptions,
  runOptions,
  serviceOptions,
} from "../option-tables.ts";
import { type CommandLine, findOption, findOptions, hasOption, readOptions } from "../options.ts";
import type { CommandReader, Surroundings } from "../run-command.ts";
import { partOf, type ShellValue, textOf } from "../shell-value.ts";
import type { SimpleCommand } from "../simple-command.ts";
import { nameOf } from "../unwrap-command.ts";
import { readBake, readBuild } from "./build.ts";
import { runInContainer } from "./container-command.ts";
import { readCompose, readStack } from "./docker-compose.ts";

/** One subcommand; `words` are what follows it. */
type Subcommand = (invocation: Invocation) => void;

interface Invocation extends Surroundings {
  command: SimpleCommand;
  words: readonly ShellValue[];
  /** `docker`, `podman`, … for people. */
  tool: string;
  /** `docker pull`. */
  site: string;
}

/** docker, podman, nerdctl, finch: they have their commands in common. */
export const runDocker: CommandReader = (command, around) => {
  const tool = nameOf(command.words[0]);
  let words: readonly ShellValue[] = command.words.slice(1);
  let name = "";
  for (;;) {
    // Options may stand behind a group's name too: `docker buildx --builder x build`.
    const [verb, ...rest] = readOptions(words, groupOptions).operands;
    if (verb === undefined) return;
    name = name === "" ? textOf(verb) : `${name} ${textOf(verb)}`;
    words = rest;
    if (!groups.has(name)) break;
  }
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  subcommand?.({ ...around, command, words, tool, site: `${tool} ${name}` });
};

const groupOptions = { valued: new Set([...globalOptions.valued, "builder"]), stopsAtOperand: true };

const groups = new Set([
  "container",
  "image",
  "buildx",
  "builder",
  "buildx imagetools",
  "manifest",
  "service",
  "stack",
  "plugin",
  "scout",
  "model",
  "artifact",
]);

const subcommands: Readonly<Record<string, Subcommand>> = {
  login: ({ command, words, sink }) => readLogin(command, words, sink),
  pull: readPull,
  "image pull": readPull,
  "artifact pull": readPull,
  run: readRun,
  create: readRun,
  "container run": readRun,
  "container create": readRun,
  build: readBuild,
  "image build": readBuild,
  "builder build": readBuild,
  "buildx build": readBuild,
  "buildx b": readBuild,
  "buildx bake": readBake,
  "buildx f": readBake,
  "buildx create": readBuilder,
  "buildx imagetools inspect": (invocation) => pullOperands(invocation, imagetoolsOptions),
  "buildx imagetools create": (invocation) => pullOperands(invocation, imagetoolsOptions),
  "manifest inspect": (invocation) => pullOperands(invocation, pullOptions),
  "manifest create": ({ command, words, sink, site }) => {
    const { operands } = readOptions(words, pullOptions);
    for (const image of operands.slice(1)) sink.pull(command, image, { site });
    sink.addBuilt(command, operands[0]);
  },
  compose: readCompose,
  "stack deploy": readStack,
  "service create": ({ command, words, sink, site }) => {
    sink.pull(command, readOptions(words, serviceOptions).operands[0], { site });
  },
  "service update": ({ command, words, sink, site }) => {
    sink.pull(command, findOption(readOptions(words, serviceOptions), "image"), { site });
  },
  "plugin install": ({ command, words, sink, site }) => {
    sink.pull(command, readOptions(words, { valued: new Set(["alias"]) }).operands[0], { site });
  },
  "scout cves": (invocation) => pullLast(invocation),
  "scout quickview": (invocation) => pullLast(invocation),
  "scout recommendations": (invocation) => pullLast(invocation),
  tag: readTag,
  "image tag": readTag,
  commit: readTag,
  "container commit": readTag,
  import: readTag,
  push: readPush,
  "image push": readPush,
};

function readPull({ command, words, sink, site }: Invocation): void {
  const line = readOptions(words, pullOptions);
  for (const image of line.operands) {
    readCredentials(command, findOption(line, "creds"), image, sink);
    sink.pull(command, image, { site, platform: findOption(line, "platform") });
  }
}

function readRun(invocation: Invocation): void {
  const { command, words, sink, site } = invocation;
  const line = readOptions(words, runOptions);
  const [image, ...inside] = line.operands;
  const pull = findOption(line, "pull");
  if (image === undefined || hasOption(line, "rootfs") || (pull && textOf(pull) === "never")) return;
  sink.pull(command, image, { site, platform: findOption(line, "platform") });
  runInContainer(command, { image, line, inside }, invocation);
}

function pullOperands({ command, words, sink, site }: Invocation, table: Parameters<typeof readOptions>[1]): void {
  for (const image of readOptions(words, table).operands) sink.pull(command, image, { site });
}

function pullLast({ command, words, sink, site }: Invocation): void {
  const image = readOptions(words, { valued: new Set(["format", "output", "o", "only-severity", "platform", "org"]) })
    .operands[0];
  const withoutScheme =
    image && /^(?:registry|image):\/\//.test(textOf(image)) ? partOf(image, textOf(image).indexOf("//") + 2) : image;
  sink.pull(command, withoutScheme, { site });
}

/** The second operand is an image that is here from now on. */
function readTag({ command, words, sink }: Invocation): void {
  const { operands } = readOptions(words, {
    valued: new Set(["m", "message", "a", "author", "c", "change", "f", "format", "platform"]),
  });
  for (const made of operands.slice(1)) sink.addBuilt(command, made);
}

/** An image that is pushed was here before; its name is no image to be taken from elsewhere. */
function readPush({ words }: Invocation): void {
  for (const { through } of readOptions(words, pullOptions).operands) {
    for (const variable of through) variable.isMixed = true;
  }
}

/** The container driver pulls BuildKit's own image when the builder starts. https://docs.docker.com/build/builders/drivers/ */
function readBuilder({ command, words, sink, site }: Invocation): void {
  const line = readOptions(words, builderOptions);
  const driver = findOption(line, "driver");
  if (driver !== undefined && textOf(driver) !== "docker-container" && textOf(driver) !== "kubernetes") return;
  const image = findDriverImage(line);
  if (image === undefined) sink.pullImplied(command, { site, reference: "moby/buildkit:buildx-stable-1" });
  else sink.pull(command, image, { kind: "tool", site: `${site} --driver-opt image` });
}

function findDriverImage(line: CommandLine): ShellValue | undefined {
  for (const value of findOptions(line, "driver-opt")) {
    const found = /(?:^|[,"])image=([^,"]+)/.exec(textOf(value));
    if (found === null) continue;
    const start = found.index + found[0].length - (found[1] as string).length;
    return partOf(value, start, start + (found[1] as string).length);
  }
  return undefined;
}

export const runBuildah: CommandReader = (command, around) => {
  const { operands } = readOptions(command.words.slice(1), globalOptions);
  const [verb, ...words] = operands;
  const invocation = { ...around, command, words, tool: "buildah", site: `buildah ${verb ? textOf(verb) : ""}` };
  switch (verb && textOf(verb)) {
    case "from": {
      const line = readOptions(words, buildOptionsOfFrom);
      readCredentials(command, findOption(line, "creds"), line.operands[0], around.sink);
      return around.sink.pull(command, line.operands[0], {
        site: invocation.site,
        platform: findOption(line, "platform"),
      });
    }
    case "pull":
      return readPull(invocation);
    case "bud":
    case "build":
    case "build-using-dockerfile":
      return readBuild(invocation);
    case "login":
      return readLogin(command, words, around.sink);
    case "commit":
    case "tag":
      return readTag(invocation);
    case "push":
      return readPush(invocation);
  }
};

const buildOptionsOfFrom = { valued: new Set([...buildOptions.valued, "name", "cidfile"]) };
