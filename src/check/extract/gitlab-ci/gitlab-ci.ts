import type { Node } from "yaml";
import type { BuildJob, RunnerImage } from "../../build-job.ts";
import type { FileReader } from "../../extraction.ts";
import { wholeText } from "../../mapped-text.ts";
import type { SourceFile } from "../../source-file.ts";
import { type Findings, openFindings } from "../findings.ts";
import { openJobSteps } from "../job-steps.ts";
import { trimmed, type VariableScope, variableImageUse } from "../variable-image.ts";
import { readYaml, type YamlDocument, type YamlEntry } from "../yaml-nodes.ts";
import { commandsOf, type GitLabDocument, openGitLabDocument } from "./gitlab-job.ts";

/** Beside the file of the project, those that it includes by habit: `ci/build.gitlab-ci.yml`, `.gitlab/ci/build.yml`. */
const gitLabPath = /(?:^|[/.-])gitlab-ci(?:[.-][^/]*)?\.ya?ml$|(?:^|\/)\.gitlab(?:-ci)?\/(?:[^/]+\/)*[^/]+\.ya?ml$/;

/** Keys at the top that are no job. https://docs.gitlab.com/ci/yaml/#global-keywords */
const globalKeys = new Set(
  [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "spec",
    "image",
    "services",
    "cache",
    "before_script",
  ].concat(["after_script", "types"]),
);

/** https://docs.gitlab.com/ci/yaml/ */
export const gitLabCi: FileReader = {
  kind: "GitLab CI configuration",
  isFor: ({ path }) => gitLabPath.test(path),
  read: readGitLabCi,
};

export function readGitLabCi(file: SourceFile) {
  const findings = openFindings(file.text);
  const { documents, notes } = readYaml(wholeText(file.text));
  findings.notes.push(...notes);
  for (const document of documents) {
    const gitLab = openGitLabDocument(document);
    const jobs = document.entriesOf(document.root).filter((entry) => isJob(entry, gitLab));
    for (const job of jobs) findings.jobs.push(readJob(job, gitLab, file.text, findings));
    if (jobs.length === 0) readDefaults(gitLab, findings);
  }
  return findings.extraction();
}

/** A template that a job here extends is read as a part of that job. */
function isJob({ key, value }: YamlEntry, { document, extended }: GitLabDocument): boolean {
  if (globalKeys.has(key) || document.entriesOf(value).length === 0) return false;
  return !(key.startsWith(".") && extended.has(key));
}

function readJob(
  { key, keyNode, value }: YamlEntry,
  gitLab: GitLabDocument,
  file: string,
  findings: Findings,
): BuildJob {
  const { document, keyword } = gitLab;
  const scope = gitLab.variablesOf(value);
  const isTrigger = document.find(value, "trigger") !== undefined;
  return {
    runner: "gitlab-ci",
    name: key,
    range: document.rangeOf(keyNode),
    runnerImages: isTrigger
      ? []
      : readRunnerImages(keyword(value, "image"), keyword(value, "services"), gitLab, scope, findings),
    ...(isTrigger ? { steps: [] } : readSteps(value, gitLab, scope, file, findings)),
    ...(isSelfHosted(document, keyword(value, "tags")) && { selfHosted: true }),
  };
}

/** A file of defaults, for others to include. */
function readDefaults(gitLab: GitLabDocument, findings: Findings): void {
  const { document } = gitLab;
  const { root, find } = document;
  const image = find(root, "default", "image") ?? find(root, "image");
  const services = find(root, "default", "services") ?? find(root, "services");
  readRunnerImages(image, services, gitLab, gitLab.variablesOf(undefined), findings);
}

function readRunnerImages(
  image: Node | undefined,
  services: Node | undefined,
  gitLab: GitLabDocument,
  scope: VariableScope,
  findings: Findings,
): RunnerImage[] {
  const { document, dereference } = gitLab;
  // https://docs.gitlab.com/ci/docker/using_docker_images/#access-an-image-from-a-private-container-registry
  const hasCredentials = scope.find("DOCKER_AUTH_CONFIG") !== undefined;
  const read = (node: Node | undefined, site: string): RunnerImage[] => {
    const target = dereference(node);
    const name = document.textOf(dereference(document.find(target, "name") ?? target));
    if (name === undefined || name.text.trim() === "") return [];
    const platform = document.textOf(document.find(target, "docker", "platform"))?.text;
    const constantPlatform = platform?.includes("$") === false ? { platform } : {};
    const use = variableImageUse(trimmed(name), scope, { kind: "runner", site, ...constantPlatform });
    return [{ image: findings.addImage(use), hasCredentials }];
  };
  const items = document.itemsOf(dereference(services));
  return [...read(image, "image"), ...items.flatMap((item) => read(item, "services"))];
}

/** `after_script` runs in a shell of its own. https://docs.gitlab.com/ci/yaml/#after_script */
const shells = [["before_script", "script"], ["after_script"]];

function readSteps(job: Node, gitLab: GitLabDocument, scope: VariableScope, file: string, findings: Findings) {
  const { document, keyword } = gitLab;
  const steps = openJobSteps(file, findings);
  const levels = [document.find(document.root, "variables"), keyword(job, "variables")];
  const names = new Set(levels.flatMap((level) => document.entriesOf(level).map(({ key }) => key)));
  const environment = [...names].flatMap((name) => {
    const text = scope.find(name);
    return text === undefined ? [] : [[name, text] as const];
  });
  const sourceVariables = ["CI_PROJECT_DIR"];
  for (const keys of shells) {
    const commands = keys.flatMap((key) => commandsOf(keyword(job, key), gitLab));
    steps.run(commands, { directory: ".", environment, sourceVariables, legs: [scope], hasExpressions: false });
  }
  return steps.finish();
}

/** GitLab's own machines have tags too. https://docs.gitlab.com/ci/runners/hosted_runners/ */
function isSelfHosted(document: YamlDocument, tags: Node | undefined): boolean {
  const names = document.itemsOf(tags).map((tag) => document.textOf(tag)?.text ?? "");
  return names.length > 0 && !names.some((name) => /^(?:saas-|gitlab-org|\$)/.test(name));
}
