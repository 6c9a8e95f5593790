import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEngine, BuildEngineOptions } from "./build-engine.ts";
import { engineProxyVariables } from "./engine-proxy-variables.ts";
import { podmanNamespace } from "./engine-supervisor.ts";
import { findPrograms, programPath } from "./find-program.ts";
import { startSupervisedEngine } from "./supervised-engine.ts";

/**
 * Puts podman under the name `docker`: images, containers and logins of its own, in namespaces that end with it.
 * There is no daemon: DIRECTORY/bin/docker enters the namespaces and runs one podman command there. Containers and RUN
 * steps share the machine's network, because podman's own would write firewall rules.
 */
export async function startPodmanEngine(options: BuildEngineOptions, description: string): Promise<BuildEngine> {
  const path = programPath(options.path);
  const directory = join(options.directory, "engine");
  const podman = findPrograms("podman", path)[0] ?? "podman";
  const proxy = engineProxyVariables(options);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeConfiguration(directory, path);
  const { stop, hasEnded } = await startSupervisedEngine({
    kind: "podman",
    directory,
    bridge: { name: `chubo${randomBytes(4).toString("hex")}`, gateway: "", block: "", mac: "" },
    namespaceScript: podmanNamespace,
    environment: { ...proxy, PATH: path, HOME: directory, LANG: "C.UTF-8" },
    isReady: async () => existsSync(join(directory, "ready")),
    signal: options.signal,
  });
  const binDirectory = join(options.directory, "bin");
  mkdirSync(binDirectory, { recursive: true, mode: 0o700 });
  const process = findFirstProcess(directory);
  writeFileSync(join(binDirectory, "docker"), formatWrapper({ process, podman, directory, path }), { mode: 0o700 });
  return {
    kind: "podman",
    description,
    binDirectory,
    environment: proxy,
    hasEnded,
    stop: async () => {
      await stop();
      rmSync(binDirectory, { recursive: true, force: true });
    },
  };
}

/** The namespace's first process, by its number outside: the one child of unshare. */
function findFirstProcess(directory: string): string {
  const parent = readFileSync(join(directory, "unshare-pid"), "latin1").trim();
  return readFileSync(`/proc/${parent}/task/${parent}/children`, "latin1").trim();
}

function writeConfiguration(directory: string, path: string): void {
  // crun can do without cgroups of its own, so none are left behind; runc cannot.
  const runtime = findPrograms("crun", path).length > 0 ? "crun" : "runc";
  const files = {
    "containers.conf": `[containers]
netns = "host"
log_driver = "k8s-file"
${runtime === "crun" ? 'cgroups = "disabled"' : ""}
[engine]
runtime = "${runtime}"
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "${directory}/tmp"
image_copy_tmp_dir = "${directory}/tmp"
`,
    "storage.conf": `[storage]
driver = "overlay"
graphroot = "${directory}/data"
runroot = "${directory}/exec"
`,
    "registries.conf": `unqualified-search-registries = ["docker.io"]
short-name-mode = "permissive"
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}

/** Logins go to the build's own config.json, as the docker client's do. Images are in Docker's format, as Docker's are. */
function formatWrapper(options: { process: string; podman: string; directory: string; path: string }): string {
  const { process, podman, directory, path } = options;
  return `#!/bin/sh
REGISTRY_AUTH_FILE="\${DOCKER_CONFIG:-$HOME/.docker}/config.json"
if [ ! -e "$REGISTRY_AUTH_FILE" ]; then
  (umask 077; mkdir -p "\${REGISTRY_AUTH_FILE%/*}" && echo '{}' >"$REGISTRY_AUTH_FILE")
fi
export REGISTRY_AUTH_FILE
export CONTAINERS_CONF=${quote(`${directory}/containers.conf`)}
export CONTAINERS_STORAGE_CONF=${quote(`${directory}/storage.conf`)}
export CONTAINERS_REGISTRIES_CONF=${quote(`${directory}/registries.conf`)}
export BUILDAH_ISOLATION=chroot BUILDAH_FORMAT=docker TMPDIR=${quote(`${directory}/tmp`)} PATH=${quote(path)}
exec nsenter --target ${process} --mount --pid --wd="$PWD" -- ${quote(podman)} "$@"
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
