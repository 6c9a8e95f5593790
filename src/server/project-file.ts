import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ConfigValue } from "../configuration/config-value.ts";
import type { ServiceDefinition, ServicePort } from "../containers/service-container.ts";
import { UsageError } from "../usage-error.ts";

/** What builds read of chubo.yml. */
export interface ProjectFile {
  /** Image of a project → the one that its builds run in here: AWS's own images cannot be pulled. */
  images: ReadonlyMap<string, string>;
  services: readonly ServiceDefinition[];
  /** DNS name of a file system of EFS, or its ID → the directory that stands in for it. */
  fileSystems: ReadonlyMap<string, string>;
}

export const emptyProjectFile: ProjectFile = { images: new Map(), services: [], fileSystems: new Map() };

/** Nothing where there is no such file. Throws UsageError CONFIG_… with the place of what is wrong. */
export async function readProjectFile(file: string, shown: string): Promise<ProjectFile> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return emptyProjectFile;
    throw new UsageError("CONFIG_FILE", `the configuration cannot be read: ${shown}`, { cause: error });
  }
  // A library that a build without such a file does without.
  const { parseConfigValue } = await import("../configuration/config-value.ts");
  const root = parseConfigValue(text, shown);
  if (root.isEmpty()) return emptyProjectFile;
  const {
    images,
    services,
    "file-systems": fileSystems,
  } = root.fields(["check", "images", "services", "file-systems"]);
  const directory = dirname(resolve(file));
  return {
    images: new Map(images?.entries().map(([image, local]) => [image, local.text()] as const)),
    services: services?.entries().map(([name, value]) => parseService(name, value)) ?? [],
    fileSystems: new Map(
      fileSystems?.entries().map(([name, local]) => [name, resolve(directory, local.text())] as const),
    ),
  };
}

function parseService(name: string, value: ConfigValue): ServiceDefinition {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw value.refusal(`${JSON.stringify(name)} is no host name`, "small letters, digits and hyphens");
  }
  const { image, environment, ports, command, ready } = value.fields([
    "image",
    "environment",
    "ports",
    "command",
    "ready",
  ]);
  if (image === undefined) throw value.refusal(`the service ${name} has no image`, "image: postgres:16");
  return {
    name,
    image: image.text(),
    variables: Object.fromEntries(environment?.entries().map(([key, text]) => [key, text.text()]) ?? []),
    command: words(command),
    ports: ports?.list().map(parsePort) ?? [],
    ready: words(ready),
  };
}

/** A list is taken as it is; one text is a command of the shell. */
function words(value: ConfigValue | undefined): string[] {
  if (value === undefined) return [];
  const text = value.findText();
  return text === undefined ? value.list().map((item) => item.text()) : ["sh", "-c", text];
}

/** `5432`, or `15432:5432` with the machine's port first, as in compose files. */
function parsePort(value: ConfigValue): ServicePort {
  const [, first = "", second = first] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(value.text()) ?? [];
  const [host, container] = [Number(first), Number(second)];
  const isPort = (port: number) => port >= 1 && port <= 65535;
  if (!isPort(host) || !isPort(container)) throw value.refusal(`${value.text()} is no port`, "5432, or 15432:5432");
  return { host, container };
}
