import { isMap, isScalar, isSeq, type Node } from "yaml";
import { findImageReference } from "../../oci/image-reference.ts";
import type { FileReader } from "../extraction.ts";
import { wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { type Findings, openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";
import { readTemplateLines } from "./template-lines.ts";
import { trimmed } from "./variable-image.ts";
import { readYaml, type YamlDocument, type YamlEntry } from "./yaml-nodes.ts";

const manifestPath = /\.(?:ya?ml|json)(?:\.(?:template|tmpl|tpl|in|dist|sample|example))?$/;

/** Kinds whose readers are others, or that name images to be described, not pulled. */
const otherKinds = /^(?:kustomize\.config\.k8s\.io|skaffold)\//;
const describingKinds = new Set(["CustomResourceDefinition", "Kustomization", "Component"]);

/** A Pod's lists of containers, and Tekton's and Argo's steps. */
const containerLists = ["containers", "initContainers", "ephemeralContainers", "steps", "sidecars"];

/** Argo's `container` and `script`, Tekton's `stepTemplate`; a volume may be an image too. */
const containerKeys = new Set([...containerLists, "container", "script", "stepTemplate", "volumes"]);

/** Groups of Kubernetes itself, whose only images are those of Pods. */
const builtInGroup = /^(?:v1|(?:apps|batch|autoscaling|policy|extensions)\/.*|[a-z.]+\.k8s\.io\/.*)$/;

const deepest = 60;

/** https://kubernetes.io/docs/concepts/containers/images/ */
export const kubernetes: FileReader = {
  kind: "Kubernetes manifest",
  isFor: ({ path, text }) =>
    manifestPath.test(path) &&
    text.includes("image") &&
    /(?:^|[{,])[ \t"-]*apiVersion"?\s*:/m.test(text) &&
    /(?:^|[{,])[ \t"-]*kind"?\s*:/m.test(text) &&
    !isChartTemplate({ path, text }),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    if (notes.length > 0 && file.text.includes("{{")) return readTemplateLines(file.text, "deployment");
    findings.notes.push(...notes);
    for (const document of documents) readObject(document, document.root, findings);
    return findings.extraction();
  },
};

/** A template of Helm is no YAML before it is rendered. */
export function isChartTemplate({ path, text }: SourceFile): boolean {
  return /(?:^|\/)templates\//.test(path) && text.includes("{{");
}

interface ManifestScope {
  document: YamlDocument;
  findings: Findings;
  /** Custom resources put images where they like. */
  isCustom: boolean;
  hasCredentials: boolean;
}

function readObject(document: YamlDocument, object: Node | undefined, findings: Findings): void {
  const { find, textOf, itemsOf } = document;
  const apiVersion = textOf(find(object, "apiVersion"))?.text;
  const kind = textOf(find(object, "kind"))?.text;
  if (apiVersion === undefined || kind === undefined || otherKinds.test(apiVersion)) return;
  if (describingKinds.has(kind)) return;
  const isList = kind.endsWith("List") && find(object, "items") !== undefined;
  if (isList) for (const item of itemsOf(find(object, "items"))) readObject(document, item, findings);
  else {
    const isCustom = !builtInGroup.test(apiVersion) || apiVersion.includes(".x-k8s.io/");
    walk(object, "", 0, { document, findings, isCustom, hasCredentials: false });
  }
}

function walk(node: Node | undefined, site: string, depth: number, outer: ManifestScope): void {
  const { document } = outer;
  if (depth === deepest) return;
  if (isSeq(node)) {
    for (const item of document.itemsOf(node)) walk(item, site, depth + 1, outer);
    return;
  }
  if (!isMap(node)) return;
  const entries = document.entriesOf(node);
  const hasSecrets = entries.some(({ key, value }) => key === "imagePullSecrets" && document.itemsOf(value).length > 0);
  const scope = hasSecrets ? { ...outer, hasCredentials: true } : outer;
  for (const entry of entries) {
    if (entry.key === "image") readImage(entry, entries, site, scope);
    if (entry.key === "manifest" && scope.isCustom) readManifest(entry, scope);
    walk(entry.value, containerKeys.has(entry.key) ? entry.key : site, depth + 1, scope);
  }
}

/** Argo's `resource` holds the text of an object. https://argo-workflows.readthedocs.io/en/latest/walk-through/kubernetes-resources/ */
function readManifest({ value }: YamlEntry, { document, findings }: ManifestScope): void {
  const text = document.textOf(value);
  if (text?.text.includes("image") !== true) return;
  for (const inner of readYaml(text).documents) readObject(inner, inner.root, findings);
}

function readImage({ value }: YamlEntry, siblings: readonly YamlEntry[], site: string, scope: ManifestScope): void {
  const { document, findings, isCustom, hasCredentials } = scope;
  const volume = document.find(value, "reference");
  // A text below `volumes` is the name of a block device: `rbd.image`.
  if (site === "volumes" && volume === undefined) return;
  const image = document.textOf(isScalar(value) ? value : volume);
  if (image === undefined || image.text.trim() === "") return;
  if (site === "" && !(isCustom && isLikelyImage(image.text))) return;
  // It runs what is on the node already. https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
  const policy = siblings.find(({ key }) => key === "imagePullPolicy")?.value ?? document.find(value, "pullPolicy");
  if (document.textOf(policy)?.text === "Never") return;
  const use = imageUseOf(trimmed(image), {
    kind: "deployment",
    site: site === "" ? "image" : `${site}.image`,
    ...(hasCredentials && { hasCredentials }),
  });
  findings.addImage(use);
}

/** In a custom resource `image` may be a machine's: only what has a tag, a digest or a path counts. */
function isLikelyImage(text: string): boolean {
  return /[:/@]/.test(text) && !text.includes("://") && findImageReference(text.trim()) !== undefined;
}
