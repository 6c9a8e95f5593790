import { posix } from "node:path";
import type { Node } from "yaml";
import type { ImageUse, ImageUseKind } from "../../image-use.ts";
import type { MappedText } from "../../mapped-text.ts";
import type { Findings } from "../findings.ts";
import type { JobSteps, ScriptContext } from "../job-steps.ts";
import { holdsCandidate } from "../shell/candidates.ts";
import { expandVariables, trimmed, type VariableScope, variableImageUse } from "../variable-image.ts";
import type { YamlDocument } from "../yaml-nodes.ts";
import { expression, matrixScopes } from "./matrix.ts";

/** What holds in a job: its document, its matrix, the environment and the directory of its steps. */
export interface JobScope {
  document: YamlDocument;
  findings: Findings;
  steps: JobSteps;
  matrix: Node | undefined;
  /** `env` of the workflow, the job and the step; the inner ones first. */
  environments: readonly (Node | undefined)[];
  /** Undefined where it is not constant. */
  directory: string | undefined;
}

/** One use for each leg of the matrix; they share the place. */
export function addImages(
  { document, findings, matrix, environments }: JobScope,
  value: MappedText,
  description: { kind: ImageUseKind; site: string },
): ImageUse[] {
  const image = trimmed(value);
  const uses = legScopes({ document, matrix, environments }, image.text).map((scope) =>
    variableImageUse(image, scope, description),
  );
  // A service whose image comes to nothing is not started: it is how a matrix leaves one out.
  return [...new Set(uses.filter(({ reference }) => reference !== "").map(findings.addImage))];
}

/** What the expressions in `text` come to, in each leg of the matrix. */
export function legScopes(
  { document, matrix, environments }: Pick<JobScope, "document" | "matrix" | "environments">,
  text: string,
): VariableScope[] {
  return matrixScopes(document, matrix, text, (name) => findVariable(document, environments, name));
}

/** The text with every constant put in; other expressions stay. */
export function withConstants(text: string, scope: VariableScope): string {
  return text.replaceAll(expression, (written) => expandVariables(written, scope) ?? written);
}

/** What holds for a script of the job's steps, which may have expressions of the matrix, and variables with such. */
export function scriptContext(scope: JobScope, script: MappedText): ScriptContext {
  const { document, environments, directory } = scope;
  const entries = environments.toReversed().flatMap((environment) => document.entriesOf(environment));
  const environment = entries.flatMap(({ key, value }) => {
    const text = document.textOf(value);
    return text === undefined ? [] : [[key, text] as const];
  });
  // Most scripts have nothing to do with images, and need not be read for each leg.
  const texts = holdsCandidate(script.text) ? [script, ...environment.map(([, text]) => text)] : [];
  const legs = legScopes(scope, texts.map(({ text }) => text).join("\n"));
  return { directory, environment, sourceVariables: ["GITHUB_WORKSPACE"], legs, hasExpressions: true };
}

export function inDirectory(directory: string | undefined, path: string | undefined): string | undefined {
  if (path === undefined) return directory;
  if (directory === undefined || path.includes("${{")) return undefined;
  return posix.join(directory, path);
}

function findVariable(
  document: YamlDocument,
  environments: readonly (Node | undefined)[],
  name: string,
): MappedText | undefined {
  const node = environments.map((environment) => document.find(environment, name)).find((found) => found !== undefined);
  return document.textOf(node);
}
