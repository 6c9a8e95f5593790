import { daemonOptions, kanikoOptions } from "../option-tables.ts";
import { findOption, findOptions, hasOption, readOptions } from "../options.ts";
import type { CommandReader } from "../run-command.ts";
import { constantOf, partOf, textOf } from "../shell-value.ts";
import { rangeOf } from "../step-sink.ts";
import { readBuildArguments } from "./build.ts";

/** https://github.com/GoogleContainerTools/kaniko: a mirror is asked first, Docker Hub after it. */
export const runKaniko: CommandReader = (command, { sink }) => {
  const line = readOptions(command.words.slice(1), kanikoOptions);
  const context = findOption(line, "context", "c");
  const dockerfile = findOption(line, "dockerfile", "f");
  if (context === undefined && dockerfile === undefined && !hasOption(line, "destination", "d", "no-push")) return;
  for (const mirror of findOptions(line, "registry-mirror", "registry-map")) {
    sink.mirror(command, constantOf(mirror), "kaniko");
  }
  const path = context && constantOf(context)?.replace(/^dir:\/\//, "");
  const file = dockerfile && (constantOf(dockerfile) ?? textOf(dockerfile));
  const target = findOption(line, "target");
  const targetName = target && constantOf(target);
  sink.add({
    kind: "build",
    range: rangeOf(command),
    tool: "kaniko",
    context:
      path === undefined
        ? context === undefined
          ? "."
          : undefined
        : path.includes("://")
          ? path
          : command.scope.resolvePath(path),
    dockerfile: file && (command.scope.resolvePath(file) ?? file),
    ...(targetName !== undefined && { target: targetName }),
    ...readBuildArguments(command, findOptions(line, "build-arg"), sink),
    ...(command.isRetried && { retried: true }),
  });
};

export const runDaemon: CommandReader = (command, { sink }) => {
  const line = readOptions(command.words.slice(1), daemonOptions);
  for (const mirror of findOptions(line, "registry-mirror")) sink.mirror(command, constantOf(mirror), "docker");
};

/** Lambda's images come from ECR Public. */
export const runSam: CommandReader = (command, { sink }) => {
  const words = command.words.map(textOf);
  const isContainer = words.includes("--use-container") || words.includes("-u");
  if ((words[1] === "build" && isContainer) || (words[1] === "local" && /^(?:invoke|start-)/.test(words[2] ?? ""))) {
    sink.pullImplied(command, { site: `sam ${words[1]}`, registryHint: "public.ecr.aws" });
  }
};

export const runLocalstack: CommandReader = (command, { sink }) => {
  const words = command.words.map(textOf);
  const isHost =
    words.includes("--host") || command.scope.variables.has("IMAGE_NAME") || command.environment.has("IMAGE_NAME");
  if (words.includes("start") && !isHost)
    sink.pullImplied(command, { site: "localstack start", reference: "localstack/localstack:latest" });
};

/** Cloud Native Buildpacks: the builder is an image, the run image is named in it. */
export const runPack: CommandReader = (command, { sink }) => {
  const line = readOptions(command.words.slice(1), { valued: packOptions });
  if (line.operands[0] === undefined || textOf(line.operands[0]) !== "build") return;
  sink.pull(command, findOption(line, "builder", "B"), { kind: "tool", site: "pack build --builder" });
  sink.pull(command, findOption(line, "run-image"), { kind: "tool", site: "pack build --run-image" });
  sink.addBuilt(command, line.operands[1]);
};

const packOptions = new Set(
  "builder B run-image buildpack b env e env-file path p tag t volume descriptor d network cache cache-image lifecycle-image previous-image platform creation-time gid group uid pull-policy workspace".split(
    " ",
  ),
);

/** Build plugins that pull a builder or a base image of Docker Hub unless they are told otherwise. */
const imagePlugins =
  /(?:^|:)(?:build-image(?:-no-fork)?|bootBuildImage|jib|jibDockerBuild|jib:(?:build|dockerBuild|buildTar))$/;

export const runJavaBuild: CommandReader = (command, { sink }) => {
  const plugin = command.words
    .slice(1)
    .map(textOf)
    .find((word) => imagePlugins.test(word));
  if (plugin !== undefined) sink.pullImplied(command, { site: plugin.replace(/^:/, ""), registryHint: "docker.io" });
  if (command.words.slice(1).some((word) => /^(?:\S+:)?docker(?:-maven-plugin)?:build$/.test(textOf(word)))) {
    sink.add({
      kind: "build",
      range: rangeOf(command),
      tool: "docker",
      context: undefined,
      dockerfile: undefined,
      buildArguments: {},
    });
  }
};

/** A node of kind is a container of `kindest/node`. */
export const runKind: CommandReader = (command, { sink }) => {
  const line = readOptions(command.words.slice(1), {
    valued: new Set(["image", "name", "config", "wait", "kubeconfig", "v", "verbosity", "loglevel"]),
  });
  if (line.operands.map(textOf).slice(0, 2).join(" ") !== "create cluster") return;
  const image = findOption(line, "image");
  if (image !== undefined) sink.pull(command, image, { kind: "tool", site: "kind create cluster --image" });
  else if (findOption(line, "config") === undefined)
    sink.pullImplied(command, { site: "kind create cluster", reference: "kindest/node" });
};

/** A chart in a registry is an artifact with a manifest, which counts: `helm pull oci://registry-1.docker.io/…`. */
export const runHelm: CommandReader = (command, { sink }) => {
  const [, verb = ""] = command.words.map(textOf);
  if (!/^(?:pull|fetch|install|upgrade|template|show)$/.test(verb)) return;
  const chart = command.words.find((word) => textOf(word).startsWith("oci://"));
  if (chart !== undefined) sink.pull(command, partOf(chart, "oci://".length), { site: `helm ${verb}` });
};
