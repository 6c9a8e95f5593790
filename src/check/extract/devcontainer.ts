import { posix } from "node:path";
import type { BuildStep } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import { wholeText } from "../mapped-text.ts";
import { splitArguments } from "./build-arguments.ts";
import { openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";
import { blankComments } from "./jsonc.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

const configPath = /(?:^|\/)\.?devcontainer\.json$/;

/** https://containers.dev/implementors/json_reference/ */
export const devContainer: FileReader = {
  kind: "dev container",
  isFor: ({ path }) => configPath.test(path),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(blankComments(file.text)));
    findings.notes.push(...notes);
    for (const document of documents) {
      const { root, find, textOf, entriesOf, rangeOf } = document;
      const image = textOf(find(root, "image"));
      if (image !== undefined) findings.addImage(imageUseOf(image, { kind: "development", site: "image" }));
      for (const { key, keyNode } of entriesOf(find(root, "features"))) {
        const feature = textOf(keyNode);
        // A name without a host is a feature of the tool's own; the others are artifacts of a registry.
        if (feature === undefined || !/^[\w.-]+\.[\w.-]+(?::\d+)?\//.test(key) || key.startsWith(".")) continue;
        findings.addImage(imageUseOf(feature, { kind: "development", site: "features" }));
      }
      const steps = readSteps(document, posix.dirname(file.path));
      if (root !== undefined && steps.length > 0) {
        findings.jobs.push({ runner: "script", name: file.path, range: rangeOf(root), runnerImages: [], steps });
      }
    }
    return findings.extraction();
  },
};

function readSteps(document: YamlDocument, folder: string): BuildStep[] {
  const { root, find, textOf, entriesOf, itemsOf, rangeOf } = document;
  const build = find(root, "build");
  const dockerfile = find(build, "dockerfile") ?? find(root, "dockerFile");
  const path = textOf(dockerfile)?.text;
  const compose = find(root, "dockerComposeFile");
  const files = [compose, ...itemsOf(compose)].flatMap((node) => textOf(node)?.text ?? []);
  const steps: BuildStep[] = [];
  if (compose !== undefined && files.length > 0) {
    const paths = files.map((name) => posix.join(folder, name));
    steps.push({ kind: "compose", range: rangeOf(compose), verb: "up", files: paths });
  }
  if (dockerfile !== undefined && path !== undefined) {
    const target = textOf(find(build, "target"))?.text;
    const pairs = entriesOf(find(build, "args")).map(({ key, value }) => {
      const text = textOf(value)?.text ?? "";
      return [key, text.includes("${") ? undefined : text] as const;
    });
    steps.push({
      kind: "build",
      range: rangeOf(dockerfile),
      tool: "docker",
      context: posix.join(folder, textOf(find(build, "context") ?? find(root, "context"))?.text ?? "."),
      dockerfile: posix.join(folder, path),
      ...(target !== undefined && { target }),
      ...splitArguments(pairs),
    });
  }
  return steps;
}
