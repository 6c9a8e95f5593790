// Containers of an image that is made here, by private engines; nothing is pulled.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEngine, BuildEngineOptions } from "../../../src/containers/build-engine.ts";
import { findPrograms, programPath } from "../../../src/containers/find-program.ts";
import { startBuildEngine } from "../../../src/containers/start-build-engine.ts";
import {
  type ContainerEnvironmentOptions,
  openContainerEnvironment,
} from "../../../src/services/codebuild/environment/container-environment.ts";
import type { BuildEnvironment } from "../../../src/services/codebuild/environment/environment.ts";

export const path = programPath(process.env.PATH ?? "");
const [busybox] = findPrograms("busybox", path);

export const skip =
  process.getuid?.() !== 0 || busybox === undefined || findPrograms("dockerd", path).length === 0
    ? "needs root, dockerd and busybox-static"
    : false;

/** Of what the image can run, as AWS's images tell it. */
const runtimes = `version: 0.1
runtimes:
  nodejs:
    versions:
      18: { commands: ["echo choosing node 18", "export NODE_HOME=/opt/node18"] }
`;

/** An image that is not run as root by its own wish. It has a shell and a user, and no C library. */
export function makeContext(root: string): void {
  const write = (name: string, text: string) => {
    mkdirSync(join(root, "context", name, ".."), { recursive: true });
    writeFileSync(join(root, "context", name), text);
  };
  mkdirSync(join(root, "context/bin"), { recursive: true });
  copyFileSync(busybox as string, join(root, "context/bin/busybox"));
  write("etc/passwd", "root:x:0:0::/root:/bin/sh\nbuilder:x:4242:4242::/home:/bin/sh\n");
  write("codebuild/image/config/runtimes.yml", runtimes);
  const applets = `FROM scratch\nCOPY bin/ /bin/\nCOPY etc/ /etc/\nCOPY codebuild/ /codebuild/\nSHELL ["/bin/busybox", "sh", "-c"]\nRUN /bin/busybox --install -s /bin\n`;
  const odd = `ENV FROM_IMAGE="two words=yes"\nUSER 1234\nENTRYPOINT ["/bin/false"]\n`;
  write("Dockerfile", applets + odd);
}

export function startEngineIn(
  root: string,
  name: string,
  options: Pick<BuildEngineOptions, "shared" | "layers"> = {},
): Promise<BuildEngine> {
  const directory = join(root, name);
  mkdirSync(directory);
  const place = { directory, proxyUrl: "http://127.0.0.1:9", caBundle: "/dev/null", path };
  return startBuildEngine({ engine: "docker", ...place, ...options });
}

/** An engine with that image, and a way to open environments in it. */
export async function startPlainEngine(root: string, name: string): Promise<BuildEngine> {
  const engine = await startEngineIn(root, `${name}-engine`);
  const env = { ...engine.environment, PATH: `${engine.binDirectory}:${path}`, HOME: root, DOCKER_BUILDKIT: "0" };
  execFileSync("docker", ["build", "-q", "-t", "plain", join(root, "context")], { env, stdio: "ignore" });
  return engine;
}

/** In an engine of its own, which ends with it. */
export async function openPlainContainer(
  root: string,
  name: string,
  more: Partial<ContainerEnvironmentOptions> = {},
): Promise<BuildEnvironment> {
  const engine = await startPlainEngine(root, name);
  const stop = async () => void (await Promise.all([engine.stop(), more.privilegedEngine?.stop()]));
  try {
    const environment = await openInEngine(root, name, { ...more, engine });
    return {
      ...environment,
      async close() {
        await environment.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export function openInEngine(
  root: string,
  name: string,
  more: Partial<ContainerEnvironmentOptions> & Pick<ContainerEnvironmentOptions, "engine">,
): Promise<BuildEnvironment> {
  const directory = join(root, name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const caBundle = join(root, "ca.pem");
  writeFileSync(caBundle, "certificates\n");
  return openContainerEnvironment({
    image: "plain",
    isInEngine: more.image === undefined,
    directory,
    variables: {},
    caBundle,
    sourceNumber: 123456789,
    path,
    signal: new AbortController().signal,
    ...more,
  });
}
