import { posix } from "node:path";
import { isMap, isSeq, type Node } from "yaml";
import type { BuildImageStep } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import { wholeText } from "../mapped-text.ts";
import { splitArguments } from "./build-arguments.ts";
import { type Findings, openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

const skaffoldPath = /(?:^|\/)skaffold[^/]*\.ya?ml$/;
const deepest = 30;

/** Maps that name an image to be run, by the key that holds the map, and the keys of the image in it. */
const imageKeys: Record<string, readonly string[]> = {
  buildpacks: ["builder", "runImage"],
  kaniko: ["image", "initImage"],
  jib: ["fromImage"],
  ko: ["fromImage"],
  container: ["image"],
  containers: ["image"],
};

/** https://skaffold.dev/docs/references/yaml/ */
export const skaffold: FileReader = {
  kind: "Skaffold configuration",
  isFor: ({ path, text }) => skaffoldPath.test(path) && text.includes("skaffold/"),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const document of documents) {
      const { root, find, itemsOf, textOf } = document;
      const levels = [root, ...itemsOf(find(root, "profiles"))];
      const artifacts = levels.flatMap((level) => itemsOf(find(level, "build", "artifacts")));
      for (const artifact of artifacts) {
        const name = textOf(find(artifact, "image"))?.text;
        if (name !== undefined) findings.builtImages.push(name);
      }
      const steps = artifacts.flatMap((artifact) => readArtifact(artifact, document, posix.dirname(file.path)));
      walk(document.root, "", 0, document, findings);
      if (document.root === undefined || steps.length === 0) continue;
      const range = document.rangeOf(document.root);
      findings.jobs.push({ runner: "script", name: file.path, range, runnerImages: [], steps });
    }
    return findings.extraction();
  },
};

/** What an artifact is built from; its `image` is what is built. */
function readArtifact(artifact: Node, document: YamlDocument, folder: string): BuildImageStep[] {
  const { find, textOf, entriesOf, itemsOf, rangeOf } = document;
  const others = ["buildpacks", "jib", "ko", "bazel", "custom"];
  if (others.some((key) => find(artifact, key) !== undefined)) return [];
  const isKaniko = entriesOf(artifact).some(({ key }) => key === "kaniko");
  const builder = find(artifact, isKaniko ? "kaniko" : "docker");
  const context = posix.join(folder, textOf(find(artifact, "context"))?.text ?? ".");
  const dockerfile = textOf(find(builder, "dockerfile"))?.text;
  const target = textOf(find(builder, "target"))?.text;
  const pairs = entriesOf(find(builder, "buildArgs")).map(({ key, value }) => {
    const text = textOf(value)?.text ?? "";
    return [key, text.includes("{{") ? undefined : text] as const;
  });
  // Another artifact's image, under the name that the build is to know it by.
  const required = itemsOf(find(artifact, "requires")).flatMap((item) => {
    const name = (textOf(find(item, "alias")) ?? textOf(find(item, "image")))?.text;
    return name === undefined ? [] : [[name, undefined] as const];
  });
  return [
    {
      kind: "build",
      range: rangeOf(artifact),
      tool: isKaniko ? "kaniko" : "docker",
      context,
      dockerfile: dockerfile === undefined ? undefined : posix.join(context, dockerfile),
      ...(target !== undefined && { target }),
      ...splitArguments([...pairs, ...required]),
    },
  ];
}

function walk(node: Node | undefined, key: string, depth: number, document: YamlDocument, findings: Findings): void {
  if (depth === deepest) return;
  if (isSeq(node)) for (const item of document.itemsOf(node)) walk(item, key, depth + 1, document, findings);
  if (!isMap(node)) return;
  for (const entry of document.entriesOf(node)) {
    const image = imageKeys[key]?.includes(entry.key) ? document.textOf(entry.value) : undefined;
    if (image !== undefined && image.text !== "") {
      findings.addImage(imageUseOf(image, { kind: "development", site: `${key}.${entry.key}` }));
    } else walk(entry.value, entry.key, depth + 1, document, findings);
  }
}
