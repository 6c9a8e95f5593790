import { posix } from "node:path";
import type { Node } from "yaml";
import type { BuildStep } from "../build-job.ts";
import { type Extraction, type ExtractionNote, emptyExtraction, type FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import { type MappedText, pieceOf, wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { type ComposeContext, composeImageUse, interpolate } from "./compose/interpolate.ts";
import { type ComposeBuild, readBuild } from "./compose/read-build.ts";
import type { FindVariable } from "./variables/resolve-variables.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

/** Images of services, and builds as the steps of a job. https://docs.docker.com/reference/compose-file/ */
export const composeReader: FileReader = {
  kind: "compose file",
  isFor: isCompose,
  read: (file) => readCompose(file),
};

const fileName = /(?:^|[/._-])(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml$/i;

function isCompose({ path, text }: SourceFile): boolean {
  if (fileName.test(path)) return true;
  // A file that others extend or include, and a stack of Swarm: any name.
  if (!/\.ya?ml$/i.test(path) || !/^services:/m.test(text)) return false;
  return (
    /^services:[ \t]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*[ \t]+[\w."'-]+:/m.test(text) &&
    /^[ \t]+(?:image|build):/m.test(text)
  );
}

interface Reading extends ComposeContext {
  document: YamlDocument;
  /** What services build: no other service pulls it. */
  built: ReadonlySet<string>;
  /** One build section may serve many services by an anchor. */
  builds: Map<Node, ComposeBuild>;
  /** Of the images so far. */
  places: Set<number>;
  images: ImageUse[];
  steps: BuildStep[];
  notes: ExtractionNote[];
}

interface Service {
  name: string;
  members: ReadonlyMap<string, Node>;
  /** Its own, or that of the service that it extends. */
  build: Node | undefined;
  image: Node | undefined;
}

/** `variables`: those of the environment or of `.env`, where the caller knows them. */
export function readCompose(file: SourceFile, variables: Readonly<Record<string, string>> = {}): Extraction {
  if (!/image|build|oci:/.test(file.text)) return emptyExtraction;
  const { documents, notes } = readYaml(wholeText(file.text));
  const find: FindVariable = (name) => ({
    value: Object.hasOwn(variables, name) ? variables[name] : undefined,
    dependsOn: [name],
  });
  const readings = documents.map((document) => readDocument(document, find, file.text));
  return {
    images: readings.flatMap(({ images }) => images),
    jobs: readings
      .filter(({ steps }) => steps.length > 0)
      .map(({ document, steps }) => ({
        runner: "script",
        name: file.path,
        range: document.root === undefined ? { start: 0, end: 0 } : document.rangeOf(document.root),
        runnerImages: [],
        steps,
        directory: posix.dirname(file.path),
      })),
    notes: [...notes, ...readings.flatMap((reading) => reading.notes)],
  };
}

function readDocument(document: YamlDocument, find: FindVariable, fileText: string): Reading {
  const services = readServices(document);
  const builtImages = [...services.values()].flatMap(({ build, image }) => {
    const text = build === undefined ? undefined : document.textOf(image);
    return text === undefined ? [] : [text.text, interpolate(text, find) ?? text.text];
  });
  const reading: Reading = {
    document,
    fileText,
    find,
    built: new Set(builtImages),
    builds: new Map(),
    places: new Set(),
    images: [],
    steps: [],
    notes: [],
  };
  for (const service of services.values()) readService(reading, service);
  readIncludes(reading);
  return reading;
}

/** The first format of compose files has the services at the top. */
function readServices(document: YamlDocument): ReadonlyMap<string, Service> {
  const section = document.find(document.root, "services");
  const isFirstFormat = section === undefined && document.find(document.root, "apiVersion") === undefined;
  const entries = document.entriesOf(isFirstFormat ? document.root : section);
  const services = new Map<string, Service>();
  for (const { key, value } of entries) {
    const members = new Map(document.entriesOf(value).map((entry) => [entry.key, entry.value]));
    services.set(key, { name: key, members, build: undefined, image: undefined });
  }
  for (const service of services.values()) inherit(document, services, service);
  return services;
}

const longestChain = 20;

/** `extends` within the file. A file that it names is read by itself. */
function inherit(document: YamlDocument, services: ReadonlyMap<string, Service>, service: Service): void {
  let next: Service | undefined = service;
  for (let length = 0; next !== undefined && length < longestChain; length++) {
    service.build ??= next.members.get("build");
    service.image ??= next.members.get("image");
    const name = findBase(document, next.members.get("extends"));
    next = name === undefined ? undefined : services.get(name);
  }
}

/** A service's name, or a map with its name and perhaps another file. */
function findBase(document: YamlDocument, node: Node | undefined): string | undefined {
  if (document.find(node, "file") !== undefined) return undefined;
  return (document.textOf(node) ?? document.textOf(document.find(node, "service")))?.text;
}

function readService(reading: Reading, service: Service): void {
  const { document, find } = reading;
  const policy = interpolate(document.textOf(service.members.get("pull_policy")), find) ?? "";
  if (service.build !== undefined) addBuild(reading, service, service.build);
  const isPulled = service.build === undefined ? !/^(?:never|build)$/.test(policy) : !/^(?:never|build|)$/.test(policy);
  const image = isPulled ? document.textOf(service.image) : undefined;
  if (image !== undefined && !(service.build === undefined && isBuilt(reading, image))) {
    const platform = interpolate(document.textOf(service.members.get("platform")), find);
    const profiles = textsOf(document, service.members.get("profiles")).map(({ text }) => text);
    addImage(reading, image, {
      site: `services.${service.name}.image`,
      ...(platform && { platform }),
      ...(profiles.length > 0 && { profiles }),
    });
  }
  for (const volume of document.itemsOf(service.members.get("volumes"))) {
    const source = document.textOf(document.find(volume, "source"));
    const isImage = document.textOf(document.find(volume, "type"))?.text === "image";
    if (source !== undefined && isImage) addImage(reading, source, { site: `services.${service.name}.volumes` });
  }
}

function isBuilt({ built, find }: Reading, image: MappedText): boolean {
  return built.has(image.text) || built.has(interpolate(image, find) ?? "");
}

function textsOf(document: YamlDocument, node: Node | undefined): MappedText[] {
  return document.itemsOf(node).flatMap((item) => document.textOf(item) ?? []);
}

function addBuild(reading: Reading, { name }: Service, node: Node): void {
  const known = reading.builds.get(node);
  if (known !== undefined) {
    reading.steps.push({ ...known.step, name });
    return;
  }
  const build = readBuild(reading.document, node, { ...reading, service: name });
  reading.builds.set(node, build);
  reading.steps.push(build.step);
  reading.notes.push(...build.notes);
  for (const image of build.images) reading.images.push(image);
}

/** Services that share an anchor share the place of their image: it is listed once. */
function addImage(reading: Reading, text: MappedText, description: Partial<ImageUse> & { site: string }): void {
  const image = composeImageUse(text, reading, description);
  if (text.text === "" || reading.places.has(image.range.start)) return;
  reading.places.add(image.range.start);
  reading.images.push(image);
  reading.steps.push({ kind: "pull", range: image.range, image });
}

/** `include: oci://IMAGE` is an artifact in a registry; a file is read by itself. */
function readIncludes(reading: Reading): void {
  const { document } = reading;
  const scheme = "oci://";
  for (const item of document.itemsOf(document.find(document.root, "include"))) {
    const path = document.find(item, "path");
    const texts = [item, path].flatMap((node) => document.textOf(node) ?? []);
    for (const text of [...texts, ...textsOf(document, path)]) {
      if (!text.text.startsWith(scheme)) continue;
      addImage(reading, pieceOf(text, { start: scheme.length, end: text.text.length }), { site: "include" });
    }
  }
}
