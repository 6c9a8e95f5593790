import { posix } from "node:path";
import type { BuildImageStep } from "../build-job.ts";
import type { Extraction, ExtractionNote, FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import type { SourceFile } from "../source-file.ts";
import { type BakeTarget, readTargets, readVariables } from "./bake/bake-targets.ts";
import { parseTemplate, resolveTemplate } from "./bake/bake-template.ts";
import { afterScheme, bakeImageUse, constantText } from "./bake/bake-text.ts";
import type { BakeValue } from "./bake/bake-value.ts";
import { parseBakeJson } from "./bake/parse-bake-json.ts";
import { parseHcl } from "./bake/parse-hcl.ts";
import { splitArguments } from "./build-arguments.ts";
import { findCacheImage } from "./compose/read-build.ts";
import { readDockerfile } from "./dockerfile/read-dockerfile.ts";
import { type FindVariable, withOuterVariables } from "./variables/resolve-variables.ts";

/** Targets as the steps of a job. https://docs.docker.com/build/bake/reference/ */
export const bakeReader: FileReader = {
  kind: "bake file",
  isFor: isBake,
  read: readBake,
};

const fileName = /(?:^|[/._-])(?:docker-)?bake(?:[._-][^/]*)?\.(?:hcl|json)$/i;

function isBake({ path, text }: SourceFile): boolean {
  if (fileName.test(path)) return /\btarget\b/.test(text);
  return path.endsWith(".hcl") && /^target[ \t]+"[^"\n]+"[ \t]*\{/m.test(text);
}

interface Reading {
  fileText: string;
  find: FindVariable;
  images: ImageUse[];
  notes: ExtractionNote[];
}

function readBake({ path, text }: SourceFile): Extraction {
  const { notes, ...body } = /\.json$/i.test(path) ? parseBakeJson(text) : parseHcl(text);
  const reading: Reading = { fileText: text, find: readVariables(body), images: [], notes: [...notes] };
  const targets = readTargets(body);
  const steps = targets.map((target) => readTarget(reading, target));
  const [first] = targets;
  if (first === undefined) return { images: [], jobs: [], notes: reading.notes };
  const job = { name: path, range: first.block.range, directory: posix.dirname(path), steps };
  return { images: reading.images, jobs: [{ runner: "script", runnerImages: [], ...job }], notes: reading.notes };
}

/** Images are listed with the target that names them, not again with those that inherit it. */
function readTarget(reading: Reading, target: BakeTarget): BuildImageStep {
  const { find } = reading;
  const text = (member: string) => constantText(target.find(member), find);
  const context = target.find("context") === undefined ? "." : text("context");
  const inline = target.find("dockerfile-inline");
  const contexts = [...target.pairs("contexts").keys()];
  const buildTarget = text("target");
  const step: BuildImageStep = {
    kind: "build",
    range: target.block.range,
    tool: "bake",
    context,
    dockerfile: inline === undefined ? dockerfilePath(context, text("dockerfile")) : undefined,
    ...(buildTarget && { target: buildTarget }),
    ...splitArguments(givenArguments(target, find)),
    name: target.name,
    ...(inline && { isInline: true }),
    ...(contexts.length > 0 && { contexts }),
  };
  for (const { key, value } of target.block.entries) {
    const site = `target.${target.name}.${key}`;
    if (key === "contexts") readContexts(reading, value, site);
    if (key === "cache-from") readCaches(reading, value, site);
    if (key === "dockerfile-inline") readInline(reading, value, step, site);
  }
  return step;
}

/** Bake takes it relative to the context, `docker build` to the working directory. */
function dockerfilePath(context: string | undefined, path: string | undefined): string | undefined {
  const isRemote = context === undefined || /^(?:[a-z+]+:\/\/|git@|github\.com\/)/.test(context);
  return path === undefined || isRemote || posix.isAbsolute(path) ? path : posix.join(context, path);
}

/** `null` sets none. */
function givenArguments(target: BakeTarget, find: FindVariable): [string, string | undefined][] {
  const given = [...target.pairs("args")].map(([name, value]): [string, string | undefined] => [
    name,
    constantText(value, find),
  ]);
  return given.filter(([, text]) => text !== "null");
}

function readContexts(reading: Reading, contexts: BakeValue, site: string): void {
  if (contexts.kind !== "map") return noteUnread(reading, contexts, site);
  for (const { key, value } of contexts.entries) {
    if (value.kind !== "text") noteUnread(reading, value, `${site}.${key}`);
    const image = value.kind === "text" ? afterScheme(value.text, "docker-image://") : undefined;
    if (image !== undefined) reading.images.push(bakeImageUse(image, reading.find, `${site}.${key}`, reading.fileText));
  }
}

/** A list of `type=registry,ref=IMAGE`, plain images, or maps with these members. */
function readCaches(reading: Reading, caches: BakeValue, site: string): void {
  if (caches.kind !== "list") return noteUnread(reading, caches, site);
  for (const item of caches.items) {
    const text = item.kind === "map" ? registryReference(item.entries) : item;
    if (text?.kind === "text") {
      const image = item.kind === "map" ? text.text : findCacheImage(text.text);
      if (image !== undefined) reading.images.push(bakeImageUse(image, reading.find, site, reading.fileText));
    } else if (text !== undefined) noteUnread(reading, text, site);
  }
}

function registryReference(entries: readonly { key: string; value: BakeValue }[]): BakeValue | undefined {
  const type = entries.find(({ key }) => key === "type")?.value;
  const isRegistry = type?.kind === "text" && type.text.text === "registry";
  return isRegistry ? entries.find(({ key }) => key === "ref")?.value : undefined;
}

function readInline(reading: Reading, inline: BakeValue, step: BuildImageStep, site: string): void {
  if (inline.kind !== "text") return noteUnread(reading, inline, site);
  const { images, notes } = readDockerfile(resolveTemplate(inline.text, reading.find), {
    buildArguments: step.buildArguments,
    unknownBuildArguments: step.unknownBuildArguments ?? [],
    ...(step.target && { target: step.target }),
    ...(step.contexts && { contexts: step.contexts }),
    fileText: reading.fileText,
  });
  for (const image of images) {
    const outer = withOuterVariables(image, parseTemplate(image.written), reading.find);
    reading.images.push({ ...outer, site: `${site}: ${image.site}` });
  }
  reading.notes.push(...notes);
}

function noteUnread({ notes }: Reading, { range, kind }: BakeValue, site: string): void {
  const what = kind === "other" ? "a function or a condition" : "a variable";
  notes.push({ message: `${site} comes out of ${what}, which is not looked into`, range });
}
