import type { MirrorClient } from "../../build-job.ts";
import { readDockerfileValue } from "./dockerfile-text.ts";
import type { CommandReader } from "./run-command.ts";
import { textOf } from "./shell-value.ts";
import type { SimpleCommand } from "./simple-command.ts";
import type { StepSink } from "./step-sink.ts";
import { filesWrittenBy, textsOf } from "./written-text.ts";

/** Configuration of clients and engines, and Dockerfiles, that a script writes itself. */
export const writeConfiguration: CommandReader = (command, { sink }) => {
  for (const path of filesWrittenBy(command)) {
    const texts = textsOf(command);
    const text = texts.map(textOf).join(" ");
    if (/(?:\.docker|\.kaniko|kaniko\/\.docker)\/config\.json$|\bauth\.json$|\.dockerconfigjson$/.test(path))
      readAuthentication(command, text, sink, /\bauth\.json$/.test(path));
    else if (/daemon\.json$/.test(path)) readMirrors(command, text, sink, { shape: daemonMirrors, client: "docker" });
    else if (/registries\.conf(?:\.d\/.*)?$/.test(path))
      readMirrors(command, text, sink, { shape: registriesMirrors, client: "containers" });
    else if (/buildkitd?\S*\.toml$/.test(path))
      readMirrors(command, text, sink, { shape: buildkitMirrors, client: "buildkit" });
    else if (/certs\.d\/docker\.io\/hosts\.toml$/.test(path))
      readMirrors(command, text, sink, { shape: containerdMirrors, client: "containerd" });
    else if (/(?:^|\/)(?:Dockerfile|Containerfile)[^/]*$|\.dockerfile$/i.test(path))
      for (const value of texts) readDockerfileValue(command, value, sink);
  }
};

/** Docker's `auths` and `credHelpers` by their keys: https://docs.docker.com/reference/cli/docker/login/ */
function readAuthentication(command: SimpleCommand, text: string, sink: StepSink, isPodman: boolean): void {
  const plain = plainText(text);
  const client = isPodman ? { normalizesHost: true } : {};
  const hosts = [
    ...plain.matchAll(/"([^"{}\s]+)"\s*:\s*\{\s*"?(?:auth|username|password|identitytoken|registrytoken)\b/g),
  ];
  for (const { 1: host } of hosts) {
    sink.login(command, { host: host as string, userName: undefined, password: "config", ...client });
  }
  const helpers = /"credHelpers"\s*:\s*\{([^}]*)\}/.exec(plain)?.[1] ?? "";
  for (const [, host] of helpers.matchAll(/"([^"]+)"\s*:\s*"[^"]+"/g)) {
    sink.login(command, { host: host as string, userName: undefined, password: "helper", ...client });
  }
  const whole = /^["']?(\$\{?\w+\}?)["']?$/.exec(plain.trim())?.[1];
  if (hosts.length === 0 && helpers === "" && whole !== undefined) {
    sink.login(command, {
      host: whole,
      userName: undefined,
      password: "config",
      passwordVariable: whole.replace(/[${}]/g, ""),
    });
  }
}

/** What `printf` and `echo -e` make of it. */
function plainText(text: string): string {
  return text.replaceAll('\\"', '"').replaceAll("\\n", " ");
}

const daemonMirrors = /registry-mirrors["'\]]*\s*[:=+|]+\s*\[([^\]]*)/g;
const registriesMirrors = /\[\[registry\.mirror\]\]\s*(?:\w+\s*=\s*\w+\s*)*location\s*=\s*("[^"]*")/g;
const buildkitMirrors = /"docker\.io"\]\s*mirrors\s*=\s*\[([^\]]*)/g;
const containerdMirrors = /\[host\.("[^"]*")\]/g;

function readMirrors(
  command: SimpleCommand,
  text: string,
  sink: StepSink,
  { shape, client }: { shape: RegExp; client: MirrorClient },
): void {
  for (const [, list = ""] of plainText(text).matchAll(shape)) {
    for (const [, url = ""] of list.matchAll(/["']([^"']+)["']/g))
      sink.mirror(command, url.includes("$") ? undefined : url, client);
  }
}
