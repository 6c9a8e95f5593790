import { isMap, isScalar, isSeq, type Node } from "yaml";
import { findImageReference, parseImageReference } from "../../oci/image-reference.ts";
import type { FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import { type MappedText, wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { type Findings, openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";
import { isChartTemplate } from "./kubernetes.ts";
import { readTemplateLines } from "./template-lines.ts";
import { readYaml, type YamlDocument, type YamlEntry } from "./yaml-nodes.ts";

const valuesPath = /(?:^|\/)(?:[^/]+[-_.])?values(?:[-_.][^/]*)?\.ya?ml$/i;
const imageKey = /^image$|[a-z_-]Image$|[_-]image$/;
const pictureFile = /\.(?:png|svg|jpe?g|gif|ico|webp|qcow2|iso|img)$/i;

/** Hosts on which the first part is an owner: without a second one it is the beginning of names, no name. */
const ownerOnly = /^(?:gcr\.io|ghcr\.io|quay\.io)\/[^/]+$/;

const deepest = 60;

/** Templates of a chart: only their constant images, for the others stand in the values. */
export const helmTemplate: FileReader = {
  kind: "Helm template",
  isFor: (file) => /\.(?:ya?ml|tpl)$/.test(file.path) && file.text.includes("image") && isChartTemplate(file),
  read: ({ text }) => readTemplateLines(text, "deployment"),
};

/**
 * A chart's values. No schema says which of them is an image; by custom it is `image` with a name, or with `registry`,
 * `repository` and `tag`. https://helm.sh/docs/chart_best_practices/pods/#images
 */
export const helmValues: FileReader = {
  kind: "Helm values",
  isFor: ({ path, text }: SourceFile) => valuesPath.test(path) && /image|repository/i.test(text),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const document of documents) {
      const global = document.textOf(document.find(document.root, "global", "imageRegistry"))?.text;
      walk(document.root, "", 0, { document, findings, globalRegistry: global || undefined });
    }
    return findings.extraction();
  },
};

interface ValuesScope {
  document: YamlDocument;
  findings: Findings;
  /** `global.imageRegistry`: charts that know it take every image from there. */
  globalRegistry: string | undefined;
}

function walk(node: Node | undefined, path: string, depth: number, scope: ValuesScope): void {
  const { document, findings } = scope;
  if (depth === deepest) return;
  if (isSeq(node)) {
    for (const item of document.itemsOf(node)) walk(item, path, depth + 1, scope);
    return;
  }
  if (!isMap(node)) return;
  const entries = document.entriesOf(node);
  const use = readImageMap(entries, path, scope);
  if (use !== undefined) findings.addImage(use);
  for (const { key, value } of entries) {
    const site = path === "" ? key : `${path}.${key}`;
    if (isScalar(value) && imageKey.test(key)) readImageText(value, entries, site, scope);
    else walk(value, site, depth + 1, scope);
  }
}

/** `{registry, repository, tag, digest}`. */
function readImageMap(entries: readonly YamlEntry[], path: string, scope: ValuesScope): ImageUse | undefined {
  const { document, globalRegistry } = scope;
  const textOf = (name: string) => document.textOf(entries.find(({ key }) => key === name)?.value);
  const name = textOf("repository") ?? textOf("name");
  const isImage = imageKey.test(path.split(".").at(-1) ?? "") || textOf("pullPolicy") !== undefined;
  if (name === undefined || !(isImage || (textOf("repository") && textOf("tag")))) return undefined;
  if (textOf("repository") === undefined && textOf("tag") === undefined) return undefined;
  const registry = textOf("registry");
  const host = globalRegistry ?? registry?.text ?? "";
  return splitUse(name, host, textOf("tag")?.text ?? "", textOf("digest")?.text ?? "", path, {
    registry: host === "" ? undefined : registry,
    isFixed: globalRegistry !== undefined,
  });
}

/** A name whose tag, and perhaps registry, stand in other places. */
function splitUse(
  repository: MappedText,
  host: string,
  tag: string,
  digest: string,
  site: string,
  { registry, isFixed }: { registry: MappedText | undefined; isFixed: boolean },
): ImageUse | undefined {
  const name = host === "" ? repository.text : `${host}/${repository.text}`;
  if (!isImageName(name)) return undefined;
  const { edit: whole, reference: _, ...use } = imageUseOf(repository, { kind: "deployment", site });
  const part = (value: MappedText) => {
    const range = value.findRange({ start: 0, end: value.text.length });
    return range && { range, text: value.text };
  };
  const registryPart = registry && part(registry);
  const edit = whole && { ...whole, holds: "repository" as const };
  // Without a tag a chart takes its own version, which stands in another file.
  const isWhole = tag !== "" || digest !== "";
  const suffix = `${tag === "" ? "" : `:${tag}`}${digest === "" ? "" : `@${digest}`}`;
  const isConstant = !`${name}${suffix}`.includes("{{");
  return {
    ...use,
    ...(isWhole && isConstant
      ? { reference: `${name}${suffix}` }
      : { registryHint: parseImageReference(name).registry }),
    ...(host === "" && edit && { edit }),
    ...(registryPart && edit && !isFixed && { splitEdit: { registry: registryPart, repository: edit } }),
  };
}

/** `image: nginx:1.27`, or with `tag` or `imageTag` beside it. */
function readImageText(value: Node, siblings: readonly YamlEntry[], site: string, scope: ValuesScope): void {
  const { document, findings, globalRegistry } = scope;
  const image = document.textOf(value);
  if (image === undefined || !isImageName(image.text)) return;
  const sibling = (names: readonly string[]) =>
    document.textOf(siblings.find(({ key }) => names.includes(key))?.value)?.text ?? "";
  const tag = sibling(["tag", "imageTag", "version"]);
  const isSplit = !/[:@]/.test(image.text.replace(/^[^/]*\//, ""));
  if (isSplit && siblings.some(({ key }) => ["tag", "imageTag"].includes(key))) {
    const fixed = { registry: undefined, isFixed: false };
    const use = splitUse(image, globalRegistry ?? "", tag, "", site, fixed);
    if (use !== undefined) findings.addImage(use);
  } else findings.addImage(imageUseOf(image, { kind: "deployment", site }));
}

function isImageName(text: string): boolean {
  return !pictureFile.test(text) && !ownerOnly.test(text) && findImageReference(text) !== undefined;
}
