import { posix } from "node:path";
import type { Node } from "yaml";
import type { BuildImageStep } from "../../build-job.ts";
import type { ExtractionNote } from "../../extraction.ts";
import type { ImageUse } from "../../image-use.ts";
import { type MappedText, pieceOf } from "../../mapped-text.ts";
import { splitArguments } from "../build-arguments.ts";
import { readDockerfile } from "../dockerfile/read-dockerfile.ts";
import type { YamlDocument } from "../yaml-nodes.ts";
import {
  type ComposeContext,
  composeImageUse,
  interpolate,
  interpolateText,
  withComposeVariables,
} from "./interpolate.ts";

export interface ComposeBuild {
  step: BuildImageStep;
  images: ImageUse[];
  notes: ExtractionNote[];
}

interface BuildSection extends ComposeContext {
  document: YamlDocument;
  /** `services.web.build`. */
  site: string;
  members: ReadonlyMap<string, Node>;
}

/** `build: ./directory`, or all that it can say. https://docs.docker.com/reference/compose-file/build/ */
export function readBuild(
  document: YamlDocument,
  node: Node,
  { find, fileText, service }: ComposeContext & { service: string },
): ComposeBuild {
  const members = new Map(document.entriesOf(node).map(({ key, value }) => [key, value]));
  const section: BuildSection = { document, find, fileText, site: `services.${service}.build`, members };
  const text = (name: string) => interpolate(document.textOf(members.get(name)), find);
  const short = document.textOf(node);
  const context = short === undefined && !members.has("context") ? "." : (interpolate(short, find) ?? text("context"));
  const inline = document.textOf(members.get("dockerfile_inline"));
  const dockerfile = inline === undefined ? dockerfilePath(context, section) : undefined;
  const target = text("target");
  const contexts = readPairs(section, "additional_contexts");
  const step: BuildImageStep = {
    kind: "build",
    range: document.rangeOf(node),
    tool: "compose",
    context,
    dockerfile,
    ...(target && { target }),
    ...splitArguments(readPairs(section, "args").map(({ name, value }) => [name, interpolate(value, section.find)])),
    name: service,
    ...(inline && { isInline: true }),
    ...(contexts.length > 0 && { contexts: contexts.map(({ name }) => name) }),
  };
  const nested = inline && readInline(inline, step, section);
  return {
    step,
    images: [...(nested?.images ?? []), ...contextImages(section, contexts), ...cacheImages(section)],
    notes: nested?.notes ?? [],
  };
}

/** Compose takes it relative to the context, `docker build` to the working directory. */
function dockerfilePath(context: string | undefined, { document, find, members }: BuildSection): string | undefined {
  const written = document.textOf(members.get("dockerfile"));
  if (written === undefined) return undefined;
  const path = interpolate(written, find) ?? written.text;
  const isRemote = context === undefined || /^(?:[a-z+]+:\/\/|git@|github\.com\/)/.test(context);
  return isRemote || posix.isAbsolute(path) ? path : posix.join(context, path);
}

function readInline(inline: MappedText, step: BuildImageStep, { find, site, fileText }: BuildSection) {
  const { images, notes } = readDockerfile(interpolateText(inline, find), {
    buildArguments: step.buildArguments,
    unknownBuildArguments: step.unknownBuildArguments ?? [],
    ...(step.target && { target: step.target }),
    ...(step.contexts && { contexts: step.contexts }),
    fileText,
  });
  return {
    images: images.map((image) => ({
      ...withComposeVariables(image, find),
      site: `${site}.dockerfile_inline: ${image.site}`,
    })),
    notes,
  };
}

interface Pair {
  name: string;
  value: MappedText;
}

/** A map, or a list of `NAME=VALUE`. What has no value is taken from the environment. */
function readPairs({ document, members }: BuildSection, member: string): Pair[] {
  const node = members.get(member);
  const entries = document.entriesOf(node).flatMap(({ key, value }) => {
    const text = document.textOf(value);
    return text === undefined ? [] : [{ name: key, value: text }];
  });
  const items = document.itemsOf(node).flatMap((item) => {
    const text = document.textOf(item);
    const equal = text?.text.indexOf("=") ?? -1;
    if (text === undefined || equal === -1) return [];
    return [{ name: text.text.slice(0, equal), value: pieceOf(text, { start: equal + 1, end: text.text.length }) }];
  });
  return [...entries, ...items];
}

const imageScheme = "docker-image://";

function contextImages(section: BuildSection, contexts: readonly Pair[]): ImageUse[] {
  return contexts
    .filter(({ value }) => value.text.startsWith(imageScheme))
    .map(({ name, value }) => {
      const image = pieceOf(value, { start: imageScheme.length, end: value.text.length });
      return composeImageUse(image, section, { site: `${section.site}.additional_contexts.${name}` });
    });
}

/** `cache_from`: an image, or `type=registry,ref=IMAGE`. */
function cacheImages(section: BuildSection): ImageUse[] {
  const { document, members } = section;
  return document.itemsOf(members.get("cache_from")).flatMap((item) => {
    const text = document.textOf(item);
    const image = text && findCacheImage(text);
    return image === undefined ? [] : [composeImageUse(image, section, { site: `${section.site}.cache_from` })];
  });
}

/** The image of a cache in a registry, as buildx takes it too. */
export function findCacheImage(source: MappedText): MappedText | undefined {
  const { text } = source;
  if (!/^[a-z]+=/.test(text)) return text === "" ? undefined : source;
  const [all = "", before = ""] = /^((?:.*,)?ref=)[^,]+/.exec(text) ?? [];
  const isRegistry = /(?:^|,)type=registry(?:,|$)/.test(text);
  return isRegistry && all !== "" ? pieceOf(source, { start: before.length, end: all.length }) : undefined;
}
