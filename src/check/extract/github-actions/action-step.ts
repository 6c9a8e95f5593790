import type { Node } from "yaml";
import type { BuildImageStep, BuildStep, LoginStep } from "../../build-job.ts";
import type { ImageUse } from "../../image-use.ts";
import { type MappedText, pieceOf } from "../../mapped-text.ts";
import { splitArguments } from "../build-arguments.ts";
import { readYaml, type YamlDocument } from "../yaml-nodes.ts";
import { addImages, inDirectory, type JobScope, legScopes, withConstants } from "./job-scope.ts";

/** Actions that pull an image of their own, the input that names another, and what they pull without it. */
const imageActions: Record<string, { input: string; image: string }> = {
  "docker/setup-qemu-action": { input: "image", image: "docker.io/tonistiigi/binfmt:latest" },
  "helm/kind-action": { input: "node_image", image: "kindest/node" },
};

/** Drivers of Buildx under which no BuildKit is started on the job's machine. */
const driversElsewhere = new Set(["docker", "remote", "cloud", "kubernetes"]);
const buildKitImage = "moby/buildkit:buildx-stable-1";
const sbomScanner = "docker/buildkit-syft-scanner:stable-1";

const loginActions: Record<string, string> = {
  "docker/login-action": "registry",
  "redhat-actions/podman-login": "registry",
  "azure/docker-login": "login-server",
};

/** What a step with `uses` does with registries. */
export function readAction(uses: MappedText, step: Node, scope: JobScope): BuildStep[] {
  const [action = ""] = uses.text.toLowerCase().split("@");
  const input = (name: string) => scope.document.textOf(scope.document.find(step, "with", name));
  const range = scope.document.rangeOf(step);
  const pull = (image: ImageUse): BuildStep => ({ kind: "pull", range, image });
  const registryInput = loginActions[action];
  if (registryInput !== undefined) {
    const logins = readLogins(step, registryInput, scope);
    return action.includes("podman") ? logins.map((login) => ({ ...login, normalizesHost: true })) : logins;
  }
  switch (action) {
    case "docker/setup-buildx-action":
      return [...readBuildKit(uses, input, scope).map(pull), ...readMirror(step, input)];
    case "docker/build-push-action":
      addBuilt(input, scope);
      return [...readBuildImages(uses, input, scope).map(pull), ...readBuilds(step, input, scope)];
    case "docker/bake-action":
      return [readBake(step, input, scope)];
  }
  const own = imageActions[action];
  if (own === undefined) return readOtherAction(action, step, scope, { input, pull });
  const chosen = input(own.input);
  if (chosen !== undefined) return addImages(scope, chosen, { kind: "tool", site: uses.text }).map(pull);
  return [pull(scope.findings.addImage(ownImage(uses, own.image)))];
}

/**
 * Whatever the action is, an input with BuildKit's scheme names an image; and a local one with the inputs of
 * docker/build-push-action builds as that does.
 */
function readOtherAction(
  action: string,
  step: Node,
  scope: JobScope,
  { input, pull }: { input: FindInput; pull: (image: ImageUse) => BuildStep },
): BuildStep[] {
  const { document } = scope;
  const inputs = document.entriesOf(document.find(step, "with"));
  const images = inputs.flatMap(({ key, value }) => {
    const text = document.textOf(value);
    return text === undefined ? [] : readContextImages(text, key, scope);
  });
  const names = new Set(inputs.map(({ key }) => key));
  const isBuild =
    action.startsWith("./") &&
    (names.has("context") || names.has("file")) &&
    ["push", "load", "tags", "build-args", "build-contexts", "platforms", "outputs"].some((name) => names.has(name));
  if (!isBuild) return images.map(pull);
  addBuilt(input, scope);
  return [...images.map(pull), ...readBuilds(step, input, scope)];
}

type FindInput = (name: string) => MappedText | undefined;

/** What an action pulls without being told: it stands nowhere, so its place is the action's name. */
function ownImage(uses: MappedText, image: string): ImageUse {
  const all = { start: 0, end: uses.text.length };
  const range = uses.findRange(all) ?? uses.nearestRange(all);
  // Without a tag it is the action's version that chooses one.
  const name = image.includes(":") ? { reference: image } : { registryHint: "docker.io" };
  return { kind: "tool", site: uses.text, written: uses.text, range, ...name };
}

/** https://github.com/docker/setup-buildx-action#inputs */
function readBuildKit(uses: MappedText, input: FindInput, scope: JobScope): ImageUse[] {
  const driver = input("driver")?.text.trim();
  if (driver !== undefined && driversElsewhere.has(driver)) return [];
  const options = input("driver-opts");
  const option = options && /(?:^|[\n,"])\s*image=((?:\$\{\{.*?\}\}|[^\s,"])+)/.exec(options.text);
  if (options === undefined || !option) return [scope.findings.addImage(ownImage(uses, buildKitImage))];
  const [whole, image = ""] = option;
  const start = option.index + whole.length - image.length;
  const place = pieceOf(options, { start, end: start + image.length });
  return addImages(scope, place, { kind: "tool", site: `${uses.text} driver-opts` });
}

/** https://docs.docker.com/build/buildkit/configure/#registry-mirror */
function readMirror(step: Node, input: FindInput): BuildStep[] {
  const config = input("buildkitd-config-inline") ?? input("config-inline");
  const [, url] = /registry\."docker\.io"\][^[]*mirrors\s*=\s*\[\s*["']([^"']+)/.exec(config?.text ?? "") ?? [];
  const [start = 0, end = 0] = step.range ?? [];
  return url === undefined ? [] : [{ kind: "mirror", range: { start, end }, url, client: "buildkit" }];
}

function readBuildImages(uses: MappedText, input: FindInput, scope: JobScope): ImageUse[] {
  const contexts = input("build-contexts");
  const images = contexts === undefined ? [] : readContextImages(contexts, "build-contexts", scope);
  const sbom = input("sbom")?.text;
  return sbom === "true" ? [...images, scope.findings.addImage(ownImage(uses, sbomScanner))] : images;
}

/** https://docs.docker.com/build/concepts/context/#named-contexts */
function readContextImages(contexts: MappedText, site: string, scope: JobScope): ImageUse[] {
  return [...contexts.text.matchAll(/=docker-image:\/\/(\S+)/g)].flatMap(({ index, 0: text, 1: image = "" }) => {
    if (scope.steps.isBuilt(image)) return [];
    const end = index + text.length;
    const place = pieceOf(contexts, { start: end - image.length, end });
    return addImages(scope, place, { kind: "tool", site });
  });
}

/** The names that an image gets on the machine itself: a later step runs it without a pull. */
function addBuilt(input: FindInput, scope: JobScope): void {
  const isLoaded = input("load")?.text === "true" || /type=docker/.test(input("outputs")?.text ?? "");
  if (!isLoaded) return;
  for (const leg of legScopes(scope, input("tags")?.text ?? "")) {
    const names = withConstants(input("tags")?.text ?? "", leg).split(/[\n,]/);
    for (const name of names) scope.steps.addBuilt(name.trim());
  }
}

/** One build for each leg of the matrix that it differs in. https://github.com/docker/build-push-action#inputs */
function readBuilds(step: Node, input: FindInput, scope: JobScope): BuildImageStep[] {
  const text = ["context", "file", "target", "build-args"].map((name) => input(name)?.text ?? "").join("\n");
  const builds = legScopes(scope, text).map((leg) => {
    const range = scope.document.rangeOf(step);
    return readBuild((name) => withConstants(input(name)?.text.trim() ?? "", leg) || undefined, range);
  });
  return [...new Map(builds.map((build) => [JSON.stringify(build), build])).values()];
}

function readBuild(find: (name: string) => string | undefined, range: BuildImageStep["range"]): BuildImageStep {
  const constant = (name: string) => (find(name)?.includes("${{") ? undefined : find(name));
  const context = (find("context") ?? ".").replace(/^\{\{defaultContext\}\}:?/, "") || ".";
  const target = constant("target");
  const pairs = (find("build-args")?.split("\n") ?? []).flatMap((line) => {
    const [, name, value = ""] = /^\s*([\w.-]+)=(.*?)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value.includes("${{") ? undefined : value] as const];
  });
  return {
    kind: "build",
    range,
    tool: "action",
    context: isLocalPath(context) ? context : undefined,
    dockerfile: constant("file"),
    ...(target !== undefined && { target }),
    ...splitArguments(pairs),
  };
}

/** https://github.com/docker/bake-action#inputs */
function readBake(step: Node, input: FindInput, scope: JobScope): BuildImageStep {
  const constant = (name: string) => constantInput(input(name), scope);
  const files = constant("files")?.split(/[\n,]/) ?? [];
  return {
    kind: "build",
    range: scope.document.rangeOf(step),
    tool: "bake",
    context: inDirectory(".", constant("workdir")),
    dockerfile: undefined,
    buildArguments: {},
    files: files.map((file) => file.trim()).filter((file) => file !== "" && !file.includes("${{")),
  };
}

function isLocalPath(path: string): boolean {
  return !path.includes("${{") && !/^(?:https?:|git@|ssh:)/.test(path);
}

/** With the constants of `env`; a matrix has no part in it. */
function constantInput(value: MappedText | undefined, scope: JobScope): string | undefined {
  const [leg] = legScopes({ ...scope, matrix: undefined }, "");
  return value && leg && withConstants(value.text, leg).trim();
}

function readLogins(step: Node, registryInput: string, scope: JobScope): LoginStep[] {
  const { document } = scope;
  const inputs = document.find(step, "with");
  const several = document.textOf(document.find(inputs, "registry-auth"));
  if (several === undefined) return [readLogin(step, document, inputs, registryInput, scope)];
  // A list in a text. https://github.com/docker/login-action#registry-auth
  return readYaml(several).documents.flatMap((list) =>
    list.itemsOf(list.root).map((item) => readLogin(step, list, item, "registry", scope)),
  );
}

function readLogin(
  step: Node,
  inputs: YamlDocument,
  node: Node | undefined,
  registryInput: string,
  scope: JobScope,
): LoginStep {
  const input = (name: string) => constantInput(inputs.textOf(inputs.find(node, name)), scope) || undefined;
  const [, passwordVariable] = /^\$\{\{\s*([\w.-]+)\s*\}\}$/.exec(input("password") ?? "") ?? [];
  const mayFail = scope.document.textOf(scope.document.find(step, "continue-on-error"))?.text === "true";
  return {
    kind: "login",
    range: scope.document.rangeOf(step),
    host: input(registryInput),
    userName: input("username"),
    password: "action",
    ...(passwordVariable !== undefined && { passwordVariable }),
    ...(mayFail && { mayFail }),
  };
}
