import type { Node } from "yaml";
import type { BuildJob, RunnerImage } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import { type MappedText, wholeText } from "../mapped-text.ts";
import { readAzureTask } from "./azure-task.ts";
import { type Findings, openFindings } from "./findings.ts";
import { type JobSteps, openJobSteps, type ScriptContext } from "./job-steps.ts";
import { trimmed, unwrittenValue, type VariableScope, variableImageUse } from "./variable-image.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

const pipelinePath = /(?:^|[/.-])azure-pipelines?[^/]*\.ya?ml$|(?:^|\/)\.azure-pipelines?\/(?:[^/]+\/)*[^/]+\.ya?ml$/i;

/** Stages, jobs, steps, and `${{ if }}` around each. */
const deepest = 16;

/** `$(tag)`, `${{ parameters.tag }}`, `${{ variables.tag }}`, `$[variables.tag]`. */
const variable = /\$\(([\w.-]+)\)|\$\{\{\s*(.*?)\s*\}\}|\$\[\s*(.*?)\s*\]/g;

interface Pipeline {
  document: YamlDocument;
  file: string;
  findings: Findings;
  /** By the name under `resources.containers`. */
  containers: ReadonlyMap<string, RunnerImage>;
  scope: VariableScope;
}

/** https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/ */
export const azurePipelines: FileReader = {
  kind: "Azure Pipelines configuration",
  isFor: ({ path }) => pipelinePath.test(path),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const document of documents) {
      const scope = variableScope(document);
      const containers = new Map<string, RunnerImage>();
      const pipeline = { document, file: file.text, findings, containers, scope };
      const { root, find, itemsOf, textOf } = document;
      for (const item of itemsOf(find(root, "resources", "containers"))) {
        const name = textOf(find(item, "container"))?.text;
        for (const image of readImage(item, "resources.containers", pipeline)) containers.set(name ?? "", image);
      }
      readJobs(root, pipeline);
    }
    return findings.extraction();
  },
};

/** A job is a map with steps, wherever it stands: `jobs`, `stages[].jobs`, a strategy's `deploy`, the document itself. */
function readJobs(node: Node | undefined, pipeline: Pipeline, depth = 0): void {
  const { document, findings } = pipeline;
  if (depth === deepest) return;
  if (document.itemsOf(document.find(node, "steps")).length > 0)
    findings.jobs.push(readJob(node as Node, [], pipeline));
  for (const item of document.itemsOf(node)) readJobs(item, pipeline, depth + 1);
  for (const { key, value } of document.entriesOf(node)) {
    if (key === "stages" || key === "jobs" || key.startsWith("${{")) readJobs(value, pipeline, depth + 1);
    else if (key === "strategy") readDeployment(node as Node, value, pipeline);
  }
}

/** https://learn.microsoft.com/azure/devops/pipelines/process/deployment-jobs */
function readDeployment(job: Node, strategy: Node, pipeline: Pipeline): void {
  const { document, findings } = pipeline;
  const phases = document.entriesOf(strategy).flatMap(({ value }) => document.entriesOf(value));
  const steps = phases.flatMap(({ value }) => document.itemsOf(document.find(value, "steps")));
  if (steps.length > 0) findings.jobs.push(readJob(job, steps, pipeline));
}

function readJob(job: Node, phaseSteps: readonly Node[], pipeline: Pipeline): BuildJob {
  const { document, containers } = pipeline;
  const { find, root, textOf, entriesOf, itemsOf } = document;
  const named = (node: Node | undefined, site: string) => {
    const known = containers.get(textOf(node)?.text ?? "");
    return known === undefined ? readImage(node, site, pipeline) : [known];
  };
  const pool = find(job, "pool") ?? find(root, "pool");
  const steps = openJobSteps(pipeline.file, pipeline.findings);
  for (const step of [...itemsOf(find(job, "steps")), ...phaseSteps]) readStep(step, steps, pipeline);
  const poolName = (textOf(find(pool, "name")) ?? textOf(pool))?.text;
  const isHosted = poolName === undefined || poolName === "Azure Pipelines" || find(pool, "vmImage") !== undefined;
  return {
    runner: "azure-pipelines",
    name: textOf(find(job, "job") ?? find(job, "deployment"))?.text ?? "steps",
    range: document.rangeOf(find(job, "job") ?? find(job, "deployment") ?? job),
    runnerImages: [
      ...named(find(job, "container"), "container"),
      ...entriesOf(find(job, "services")).flatMap(({ key, value }) => named(value, `services.${key}`)),
    ],
    ...steps.finish(),
    ...(!isHosted && { selfHosted: true }),
  };
}

function readImage(node: Node | undefined, site: string, { document, findings, scope }: Pipeline): RunnerImage[] {
  const { find, textOf } = document;
  const image = textOf(find(node, "image")) ?? textOf(node);
  // A registry resource of type ACR has no `image` but parts.
  if (image === undefined || image.text.trim() === "") return [];
  const use = variableImageUse(trimmed(image), scope, { kind: "runner", site });
  // A reference that is only a variable may name a container of `resources`.
  return [{ image: findings.addImage(use), hasCredentials: find(node, "endpoint") !== undefined }];
}

function readStep(step: Node, steps: JobSteps, pipeline: Pipeline, depth = 0): void {
  const { document, scope } = pipeline;
  const { find, textOf, entriesOf, itemsOf } = document;
  const [first] = entriesOf(step);
  if (first?.key.startsWith("${{") && depth < deepest) {
    const inner = entriesOf(step).flatMap(({ value }) => itemsOf(value));
    for (const each of inner) readStep(each, steps, pipeline, depth + 1);
    return;
  }
  const task = textOf(find(step, "task"))?.text;
  const context = (directory: string): ScriptContext => ({
    directory: directory.includes("$") ? "." : directory,
    environment: environmentOf(document),
    sourceVariables: ["BUILD_SOURCESDIRECTORY", "SYSTEM_DEFAULTWORKINGDIRECTORY"],
    legs: [scope],
    hasExpressions: true,
  });
  if (task !== undefined) readAzureTask(task, step, document, scope, steps, context);
  const script = ["script", "bash", "pwsh", "powershell"].map((key) => textOf(find(step, key)));
  const text = script.find((value) => value !== undefined);
  const directory = textOf(find(step, "workingDirectory"))?.text ?? ".";
  if (text !== undefined) steps.run([text], context(directory));
}

/** Scripts see variables in capitals. https://learn.microsoft.com/azure/devops/pipelines/process/variables */
function environmentOf({ root, find, itemsOf, entriesOf, textOf }: YamlDocument): [string, MappedText][] {
  const variables = find(root, "variables");
  const named = itemsOf(variables).map(
    (item) => [textOf(find(item, "name"))?.text ?? "", find(item, "value")] as const,
  );
  const all = [...named, ...entriesOf(variables).map(({ key, value }) => [key, value] as const)];
  return all.flatMap(([name, node]): [string, MappedText][] => {
    const text = textOf(node);
    return text === undefined ? [] : [[name.toUpperCase().replaceAll(".", "_"), text]];
  });
}

function variableScope({ root, find, itemsOf, textOf }: YamlDocument): VariableScope {
  return {
    pattern: variable,
    find(written) {
      if (/^(?:build\.sourcesdirectory|system\.defaultworkingdirectory)$/i.test(written)) return unwrittenValue(".");
      const [, kind, name = ""] = /^(?:(parameters|variables)\.)?([\w.-]+)$/.exec(written) ?? [];
      if (kind === "parameters") {
        const item = itemsOf(find(root, "parameters")).find((each) => textOf(find(each, "name"))?.text === name);
        return textOf(find(item, "default")) ?? textOf(find(root, "parameters", name));
      }
      const variables = find(root, "variables");
      const item = itemsOf(variables).find((each) => textOf(find(each, "name"))?.text === name);
      return textOf(find(item, "value")) ?? textOf(find(variables, name));
    },
  };
}
