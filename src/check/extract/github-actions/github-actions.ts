import { posix } from "node:path";
import type { Node } from "yaml";
import type { BuildJob, BuildStep, RunnerImage } from "../../build-job.ts";
import type { FileReader } from "../../extraction.ts";
import { pieceOf, wholeText } from "../../mapped-text.ts";
import type { SourceFile } from "../../source-file.ts";
import { type Findings, openFindings } from "../findings.ts";
import { openJobSteps } from "../job-steps.ts";
import { readYaml, type YamlDocument, type YamlEntry } from "../yaml-nodes.ts";
import { readAction } from "./action-step.ts";
import { addImages, inDirectory, type JobScope, scriptContext } from "./job-scope.ts";

const workflowPath = /(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/;
const actionPath = /(?:^|\/)action\.ya?ml$/;

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax */
export const githubActions: FileReader = {
  kind: "GitHub Actions workflow",
  isFor: ({ path, text }) => workflowPath.test(path) || (actionPath.test(path) && text.includes("runs:")),
  read(file) {
    const findings = openFindings(file.text);
    const { documents, notes } = readYaml(wholeText(file.text));
    findings.notes.push(...notes);
    for (const document of documents) {
      const jobs = document.find(document.root, "jobs");
      if (jobs === undefined) readActionDefinition(document, file, findings);
      for (const { key, keyNode, value } of document.entriesOf(jobs)) {
        findings.jobs.push(readJob(document, { key, keyNode, value }, file.text, findings));
      }
    }
    return findings.extraction();
  },
};

function readJob(
  document: YamlDocument,
  { key: name, keyNode, value: job }: YamlEntry,
  file: string,
  findings: Findings,
): BuildJob {
  const defaults = [job, document.root].map((node) =>
    document.textOf(document.find(node, "defaults", "run", "working-directory")),
  );
  const scope: JobScope = {
    document,
    findings,
    steps: openJobSteps(file, findings),
    matrix: document.find(job, "strategy", "matrix"),
    environments: [document.find(job, "env"), document.find(document.root, "env")],
    directory: inDirectory(".", defaults.find((directory) => directory !== undefined)?.text),
  };
  const steps = document.itemsOf(document.find(job, "steps"));
  const services = document.entriesOf(document.find(job, "services"));
  const runnerImages = [
    ...readContainer(document.find(job, "container"), "container", scope),
    ...services.flatMap(({ key, value }) => readContainer(value, `services.${key}`, scope)),
    // All of them are pulled while the job is set up, before any step that could log in.
    ...steps.flatMap((step) => readDockerAction(step, scope)),
  ];
  for (const step of steps) readStep(step, scope);
  return {
    runner: "github-actions",
    name,
    range: document.rangeOf(keyNode),
    runnerImages,
    ...scope.steps.finish(),
    ...(isSelfHosted(document, document.find(job, "runs-on")) && { selfHosted: true }),
  };
}

function readContainer(node: Node | undefined, site: string, scope: JobScope): RunnerImage[] {
  const { document } = scope;
  const image = document.textOf(document.find(node, "image")) ?? document.textOf(node);
  if (image === undefined || image.text.trim() === "") return [];
  const hasCredentials = document.entriesOf(document.find(node, "credentials")).length > 0;
  return addImages(scope, image, { kind: "runner", site }).map((use) => ({ image: use, hasCredentials }));
}

const dockerScheme = "docker://";

function readDockerAction(step: Node, scope: JobScope): RunnerImage[] {
  const uses = scope.document.textOf(scope.document.find(step, "uses"));
  if (!uses?.text.startsWith(dockerScheme)) return [];
  const image = pieceOf(uses, { start: dockerScheme.length, end: uses.text.length });
  const images = addImages(scope, image, { kind: "tool", site: "uses: docker://" });
  return images.map((use) => ({ image: use, hasCredentials: false }));
}

/** Shells whose commands are no shell's: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell */
const otherShells = /^(?:python|node|perl|ruby|cmd|deno)\b/;

function readStep(step: Node, outer: JobScope): void {
  const { document, steps } = outer;
  const text = (name: string) => document.textOf(document.find(step, name));
  const directory = text("working-directory")?.text;
  const scope: JobScope = {
    ...outer,
    environments: [document.find(step, "env"), ...outer.environments],
    ...(directory !== undefined && { directory: inDirectory(".", directory) }),
  };
  const uses = text("uses");
  if (uses !== undefined) steps.add(readAction(uses, step, scope));
  const run = text("run");
  if (run === undefined || otherShells.test(text("shell")?.text ?? "")) return;
  steps.run([run], scriptContext(scope, run));
}

function isSelfHosted(document: YamlDocument, runsOn: Node | undefined): boolean {
  const labels = document.find(runsOn, "labels") ?? runsOn;
  const texts = [labels, ...document.itemsOf(labels)].map((node) => document.textOf(node)?.text);
  return texts.includes("self-hosted");
}

/** https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs */
function readActionDefinition(document: YamlDocument, { path, text }: SourceFile, findings: Findings): void {
  const runs = document.find(document.root, "runs");
  if (runs === undefined) return;
  const directory = posix.dirname(path);
  const steps = openJobSteps(text, findings);
  const scope: JobScope = { document, findings, steps, matrix: undefined, environments: [], directory: "." };
  const job = { runner: "github-actions", name: path, range: document.rangeOf(runs) } as const;
  const image = document.textOf(document.find(runs, "image"));
  if (document.textOf(document.find(runs, "using"))?.text.toLowerCase() !== "docker" || image === undefined) {
    const nodes = document.itemsOf(document.find(runs, "steps"));
    const runnerImages = nodes.flatMap((step) => readDockerAction(step, scope));
    for (const step of nodes) readStep(step, scope);
    findings.jobs.push({ ...job, runnerImages, ...steps.finish() });
  } else if (image.text.startsWith(dockerScheme)) {
    const place = pieceOf(image, { start: dockerScheme.length, end: image.text.length });
    const uses = addImages(scope, place, { kind: "tool", site: "runs.image" });
    findings.jobs.push({ ...job, runnerImages: uses.map((use) => ({ image: use, hasCredentials: false })), steps: [] });
  } else {
    const build: BuildStep = {
      kind: "build",
      range: document.rangeOf(runs),
      tool: "action",
      context: directory,
      dockerfile: inDirectory(directory, image.text),
      buildArguments: {},
    };
    findings.jobs.push({ ...job, runnerImages: [], steps: [build] });
  }
}
