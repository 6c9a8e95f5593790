import type { Node } from "yaml";
import type { BuildJob, RunnerImage } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import { type MappedText, wholeText } from "../mapped-text.ts";
import { type Findings, openFindings } from "./findings.ts";
import { type JobSteps, openJobSteps, type ScriptContext } from "./job-steps.ts";
import { trimmed, type VariableScope, variableImageUse } from "./variable-image.ts";
import { readYaml, type YamlDocument, type YamlEntry } from "./yaml-nodes.ts";

const configPath = /(?:^|\/)\.circleci\/(?:[^/]+\/)*[^/]+\.ya?ml$/;

/** `<< parameters.tag >>`; escaped as `\<<` it is text. */
const parameter = /(?<!\\)<<\s*([\w.-]+)\s*>>/g;

/** Commands may use commands. */
const deepestCommand = 10;
const mostCommands = 1000;

/** https://circleci.com/docs/reference/configuration-reference/ */
export const circleCi: FileReader = {
  kind: "CircleCI configuration",
  isFor: ({ path }) => configPath.test(path),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const document of documents) {
      const { root, find, entriesOf } = document;
      for (const entry of entriesOf(find(root, "jobs")))
        findings.jobs.push(readJob(entry, document, file.text, findings));
      // What no job of this file uses, an orb's or another file's may.
      for (const { value } of entriesOf(find(root, "executors"))) readDocker(value, [value], document, findings);
    }
    return findings.extraction();
  },
};

function readJob(
  { key, keyNode, value }: YamlEntry,
  document: YamlDocument,
  file: string,
  findings: Findings,
): BuildJob {
  const { find, root, textOf } = document;
  const named = find(value, "executor");
  const executorName = (textOf(find(named, "name")) ?? textOf(named))?.text;
  const executor = executorName === undefined ? undefined : find(root, "executors", executorName);
  // A job's `executor: {name, tag}` gives the executor's parameters their values.
  const own = readDocker(value, [value], document, findings);
  const shared = readDocker(executor, [executor], document, findings, named);
  const resourceClass = textOf(find(value, "resource_class") ?? find(executor, "resource_class"))?.text;
  const environment = [find(executor, "environment"), find(value, "environment")].flatMap((level) =>
    document.entriesOf(level).flatMap((entry) => {
      const text = textOf(entry.value);
      return text === undefined ? [] : [[entry.key, text] as const];
    }),
  );
  const steps = openJobSteps(file, findings);
  readSteps(find(value, "steps"), {
    document,
    steps,
    environment,
    parameters: parameterScope(document, [value], undefined),
    budget: { commands: mostCommands },
  });
  return {
    runner: "circleci",
    name: key,
    range: document.rangeOf(keyNode),
    runnerImages: [...own, ...shared],
    ...steps.finish(),
    // `namespace/class` is a runner of one's own. https://circleci.com/docs/guides/execution-runner/runner-overview/
    ...(resourceClass?.includes("/") && { selfHosted: true }),
  };
}

function readDocker(
  owner: Node | undefined,
  parametersIn: readonly (Node | undefined)[],
  document: YamlDocument,
  findings: Findings,
  given?: Node,
): RunnerImage[] {
  const { find, itemsOf, textOf, entriesOf } = document;
  const scope = parameterScope(document, parametersIn, given);
  return itemsOf(find(owner, "docker")).flatMap((item) => {
    const image = textOf(find(item, "image"));
    if (image === undefined || image.text.trim() === "") return [];
    const use = variableImageUse(trimmed(image), scope, { kind: "runner", site: "docker.image" });
    const hasCredentials = ["auth", "aws_auth"].some((key) => entriesOf(find(item, key)).length > 0);
    return [{ image: findings.addImage(use), hasCredentials }];
  });
}

/** The defaults of parameters: what a job gets that is started without any. */
function parameterScope(
  document: YamlDocument,
  owners: readonly (Node | undefined)[],
  given: Node | undefined,
): VariableScope {
  const { find, root, textOf } = document;
  return {
    pattern: parameter,
    find(name): MappedText | undefined {
      const [, isPipeline, key = ""] = /^(pipeline\.)?parameters\.([\w-]+)$/.exec(name) ?? [];
      const value = isPipeline === undefined ? textOf(find(given, key)) : undefined;
      if (value !== undefined) return value;
      const nodes = (isPipeline ? [root] : owners).map((owner) => find(owner, "parameters", key, "default"));
      return textOf(nodes.find((node) => node !== undefined));
    },
  };
}

interface StepScope {
  document: YamlDocument;
  steps: JobSteps;
  environment: ScriptContext["environment"];
  parameters: VariableScope;
  /** Commands may call commands many times over. */
  budget: { commands: number };
}

function readSteps(nodes: Node | undefined, scope: StepScope, depth = 0): void {
  const { document, steps, environment, parameters } = scope;
  const { find, root, textOf, itemsOf, entriesOf } = document;
  if (depth === deepestCommand) return;
  for (const step of itemsOf(nodes)) {
    const inner = find(step, "when", "steps") ?? find(step, "unless", "steps");
    const [entry] = entriesOf(step);
    const name = textOf(step)?.text ?? entry?.key ?? "";
    const command = find(root, "commands", name);
    if (inner !== undefined) readSteps(inner, scope, depth + 1);
    if (command !== undefined && scope.budget.commands-- > 0) {
      const own = parameterScope(document, [command], entry?.value);
      readSteps(find(command, "steps"), { ...scope, parameters: own }, depth + 1);
    }
    const run = find(step, "run");
    const script = textOf(find(run, "command")) ?? textOf(run);
    if (script === undefined || command !== undefined) continue;
    const directory = textOf(find(run, "working_directory"))?.text ?? ".";
    const sourceVariables = ["CIRCLE_WORKING_DIRECTORY"];
    steps.run([script], { directory, environment, sourceVariables, legs: [parameters], hasExpressions: true });
  }
}
