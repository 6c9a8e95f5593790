import type { Node } from "yaml";
import type { BuildJob, BuildStep, RunnerImage } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import { pieceOf, wholeText } from "../mapped-text.ts";
import { type Findings, openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";
import { type JobSteps, openJobSteps } from "./job-steps.ts";
import { trimmed, type VariableScope } from "./variable-image.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

/** `pipelines.branches.main[0].parallel.steps[1].step` and a little more. */
const deepest = 12;

const dockerScheme = "docker://";

/** https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/ */
export const bitbucketPipelines: FileReader = {
  kind: "Bitbucket Pipelines configuration",
  isFor: ({ path }) => /(?:^|\/)bitbucket-pipelines\.ya?ml$/.test(path),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const document of documents) {
      const { root, find, entriesOf } = document;
      readImage(find(root, "image"), "image", document, findings);
      for (const { key, value } of entriesOf(find(root, "definitions", "services"))) {
        readImage(find(value, "image"), `definitions.services.${key}`, document, findings);
      }
      const scope = { document, file: file.text, findings };
      for (const { key, value } of entriesOf(find(root, "pipelines"))) readPipeline(key, value, scope);
    }
    return findings.extraction();
  },
};

interface PipelineScope {
  document: YamlDocument;
  file: string;
  findings: Findings;
}

/** A step may stand in lists, `parallel`, `stage`, and under branches and tags. */
function readPipeline(name: string, node: Node, scope: PipelineScope, depth = 0): void {
  const { document, findings } = scope;
  const step = document.find(node, "step");
  if (step !== undefined) findings.jobs.push(readStep(name, step, scope));
  if (step !== undefined || depth === deepest) return;
  for (const item of document.itemsOf(node)) readPipeline(name, item, scope, depth + 1);
  for (const { key, value } of document.entriesOf(node)) {
    readPipeline(key === "parallel" || key === "steps" ? name : key, value, scope, depth + 1);
  }
}

function readStep(pipeline: string, step: Node, { document, file, findings }: PipelineScope): BuildJob {
  const { root, find, itemsOf, textOf } = document;
  const services = itemsOf(find(step, "services")).flatMap((service) => {
    const name = textOf(service)?.text ?? "";
    return readImage(
      find(root, "definitions", "services", name, "image"),
      `definitions.services.${name}`,
      document,
      findings,
    );
  });
  const steps = openJobSteps(file, findings);
  for (const key of ["script", "after-script"]) readCommands(itemsOf(find(step, key)), steps, document, findings);
  const runsOn = find(step, "runs-on") ?? find(root, "options", "runs-on");
  const labels = [runsOn, ...itemsOf(runsOn)].map((label) => textOf(label)?.text ?? "");
  return {
    runner: "bitbucket",
    name: textOf(find(step, "name"))?.text ?? pipeline,
    range: document.rangeOf(step),
    runnerImages: [...readImage(find(step, "image") ?? find(root, "image"), "image", document, findings), ...services],
    ...steps.finish(),
    ...(labels.some((label) => label.startsWith("self.hosted")) && { selfHosted: true }),
  };
}

/** Commands run in one shell; a pipe between them has nothing of it. */
function readCommands(commands: readonly Node[], steps: JobSteps, document: YamlDocument, findings: Findings): void {
  const scripts = commands.flatMap((command) => document.textOf(command) ?? []);
  const pulls = commands.flatMap((command): BuildStep[] => {
    const image = readPipe(command, document, findings);
    return image === undefined ? [] : [{ kind: "pull", range: document.rangeOf(command), image }];
  });
  const sourceVariables = ["BITBUCKET_CLONE_DIR"];
  steps.run(scripts, { directory: ".", environment: [], sourceVariables, legs: [noVariables], hasExpressions: false });
  steps.add(pulls);
}

const noVariables: VariableScope = { pattern: /$^()/g, find: () => undefined };

/** A pipe without the scheme is a repository of Bitbucket, whose own metadata name the image. */
function readPipe(command: Node, document: YamlDocument, findings: Findings) {
  const pipe = document.textOf(document.find(command, "pipe"));
  if (!pipe?.text.startsWith(dockerScheme)) return undefined;
  const image = pieceOf(pipe, { start: dockerScheme.length, end: pipe.text.length });
  return findings.addImage(imageUseOf(image, { kind: "tool", site: "pipe: docker://" }));
}

function readImage(node: Node | undefined, site: string, document: YamlDocument, findings: Findings): RunnerImage[] {
  const { find, textOf } = document;
  const name = textOf(find(node, "name")) ?? textOf(node);
  if (name === undefined || name.text.trim() === "") return [];
  const hasCredentials = find(node, "username") !== undefined || find(node, "aws") !== undefined;
  return [{ image: findings.addImage(imageUseOf(trimmed(name), { kind: "runner", site })), hasCredentials }];
}
