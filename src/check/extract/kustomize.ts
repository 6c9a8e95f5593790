import type { Node } from "yaml";
import { findImageReference } from "../../oci/image-reference.ts";
import type { FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import { wholeText } from "../mapped-text.ts";
import { openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

const kustomizationPath = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/ */
export const kustomize: FileReader = {
  kind: "Kustomization",
  isFor: ({ path, text }) => kustomizationPath.test(path) && text.includes("images"),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const document of documents) {
      for (const item of document.itemsOf(document.find(document.root, "images"))) {
        const use = readReplacement(item, document);
        if (use !== undefined) findings.addImage(use);
      }
    }
    return findings.extraction();
  },
};

function readReplacement(item: Node, { find, textOf }: YamlDocument): ImageUse | undefined {
  const newName = textOf(find(item, "newName"));
  const name = newName ?? textOf(find(item, "name"));
  if (name === undefined || name.text === "") return undefined;
  const tag = textOf(find(item, "newTag"))?.text;
  const digest = textOf(find(item, "digest"))?.text;
  const suffix = digest !== undefined ? `@${digest}` : tag !== undefined ? `:${tag}` : "";
  const { edit, reference, ...use } = imageUseOf(name, { kind: "deployment", site: "images" });
  const registry = reference === undefined ? undefined : findImageReference(reference)?.registry;
  return {
    ...use,
    // Without a tag of its own the image keeps the one of the manifest.
    ...(suffix === "" && registry !== undefined && { registryHint: registry }),
    ...(suffix !== "" && reference !== undefined && { reference: `${reference}${suffix}` }),
    // `name` is what the manifests are searched for: another name there would find nothing.
    ...(edit !== undefined && newName !== undefined && { edit: { ...edit, holds: "repository" } }),
  };
}
