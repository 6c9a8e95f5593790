import type { Node } from "yaml";
import type { ImageUse } from "../image-use.ts";
import { imageUseOf } from "./image-use-of.ts";
import { type ShellVariable, shellVariable } from "./shell/shell-value.ts";
import type { YamlDocument } from "./yaml-nodes.ts";

/** One build of a batch, with what it sets beside the buildspec's own variables. */
export interface BatchVariant {
  variables: ReadonlyMap<string, ShellVariable>;
}

interface Batch {
  variants: readonly BatchVariant[];
  /** Environments that builds of the batch have instead of the project's. */
  images: readonly ImageUse[];
}

/** A matrix multiplies: more builds than these say nothing new about pulls. */
const mostVariants = 32;

/** https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html */
export function readBatch(document: YamlDocument): Batch {
  const { root, find, itemsOf } = document;
  const batch = find(root, "batch");
  const lists = ["build-graph", "build-list"].map((key) => ({ key, items: itemsOf(find(batch, key)) }));
  const images: ImageUse[] = [];
  const variants: BatchVariant[] = [];
  for (const { key, items } of lists) {
    for (const item of items) {
      const image = document.textOf(find(item, "env", "image"));
      if (image !== undefined) images.push(imageUseOf(image, { kind: "runner", site: `batch.${key}[].env.image` }));
      // A build with a buildspec of its own runs that one's commands.
      if (find(item, "buildspec") !== undefined || variants.length >= mostVariants) continue;
      variants.push({ variables: readVariables(document, find(item, "env", "variables")) });
    }
  }
  const environment = find(batch, "build-matrix", "dynamic", "env");
  const matrixImages = textsOf(document, find(environment, "image"));
  images.push(
    ...matrixImages.map((image) => imageUseOf(image, { kind: "runner", site: "batch.build-matrix.dynamic.env.image" })),
  );
  variants.push(...readMatrix(document, find(environment, "variables")));
  return { variants, images };
}

function readVariables({ entriesOf, textOf }: YamlDocument, node: Node | undefined): Map<string, ShellVariable> {
  return new Map(entriesOf(node).map(({ key, value }) => [key, variableOf(textOf(value))]));
}

function variableOf(text: ReturnType<YamlDocument["textOf"]>): ShellVariable {
  const isConstant = text !== undefined && !text.text.includes("$");
  return shellVariable(isConstant ? text.text : undefined, isConstant ? text : undefined);
}

function textsOf({ itemsOf, textOf }: YamlDocument, node: Node | undefined) {
  const single = textOf(node);
  return single === undefined ? itemsOf(node).flatMap((item) => textOf(item) ?? []) : [single];
}

/** The cross product of all lists. */
function readMatrix(document: YamlDocument, node: Node | undefined): BatchVariant[] {
  let rows: Map<string, ShellVariable>[] = [new Map()];
  const entries = document.entriesOf(node);
  if (entries.length === 0) return [];
  for (const { key, value } of entries) {
    const values = textsOf(document, value).map(variableOf);
    rows = rows.flatMap((row) => values.map((each) => new Map([...row, [key, each]]))).slice(0, mostVariants);
  }
  return rows.map((variables) => ({ variables }));
}
