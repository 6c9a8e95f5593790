import type { FileReader } from "../extraction.ts";
import { wholeText } from "../mapped-text.ts";
import { openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";
import { readYaml } from "./yaml-nodes.ts";

const kustomizationPath = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/ */
export const kustomize: FileReader = {
  kind: "Kustomization",
  isFor: ({ path, text }) => kustomizationPath.test(path) && text.includes("images"),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const { root, find, itemsOf, textOf } of documents) {
      for (const item of itemsOf(find(root, "images"))) {
        const newName = textOf(find(item, "newName"));
        const name = newName ?? textOf(find(item, "name"));
        if (name === undefined || name.text === "") continue;
        const tag = textOf(find(item, "newTag"))?.text;
        const digest = textOf(find(item, "digest"))?.text;
        const suffix = digest !== undefined ? `@${digest}` : tag !== undefined ? `:${tag}` : "";
        const { edit, reference, ...use } = imageUseOf(name, { kind: "deployment", site: "images" });
        findings.addImage({
          ...use,
          // Without a tag of its own the image keeps the one of the manifest.
          ...(reference !== undefined && suffix !== "" && { reference: `${reference}${suffix}` }),
          // `name` is what the manifests are searched for: another name there would find nothing.
          ...(edit !== undefined && newName !== undefined && { edit: { ...edit, holds: "repository" } }),
        });
      }
    }
    return findings.extraction();
  },
};
