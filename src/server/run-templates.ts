import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { checkEngines } from "../containers/check-engines.ts";
import type { DockerClient } from "../containers/docker-client.ts";
import type { StackOutcome } from "../services/cloudformation/deploy-stack.ts";
import { parseTemplate } from "../template/parse-template.ts";
import { missingParameters, type ParameterMetadata } from "../template/resolve-parameters.ts";
import type { Template } from "../template/template.ts";
import { UsageError } from "../usage-error.ts";
import type { Account } from "./account.ts";
import type { RunObserver } from "./run-observer.ts";

/** A template that was read, and the stack that it will be. */
export interface TemplateFile {
  file: string;
  stackName: string;
  text: string;
  template: Template;
}

/** Reads templates; each becomes a stack of its file's name. Throws UsageError for what cannot be read or parsed. */
export function readTemplates(files: readonly string[]): TemplateFile[] {
  const names = new Set<string>();
  return files.map((file) => {
    const stackName = stackNameOf(file, names);
    names.add(stackName);
    const text = readTemplate(file);
    return { file, stackName, text, template: parseTemplate(text, file) };
  });
}

function readTemplate(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const message = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
    throw new UsageError("CONFIG_TEMPLATE", `the template ${message}: ${file}`, { cause: error });
  }
}

/** `article-template.raw.yml` → `article-template-raw`; a second one of the same name gets a number. */
function stackNameOf(file: string, taken: ReadonlySet<string>): string {
  const stem = basename(file).replace(/\.(ya?ml|json|template)$/i, "");
  const cleaned = stem.replace(/[^a-zA-Z0-9]+/g, "-").replace(/^[^a-zA-Z]+|-+$/g, "");
  const name = cleaned === "" ? "stack" : cleaned.slice(0, 100);
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/** Parameters of all templates without value or default, each once. */
export function parametersToAsk(
  templates: readonly TemplateFile[],
  given: Record<string, string>,
): ParameterMetadata[] {
  const missing = templates.flatMap(({ template }) => missingParameters(template, given));
  return [...new Map(missing.map((parameter) => [parameter.name, parameter])).values()];
}

/** A parameter that no template has is a mistake in its name; each template gets those that it declares. */
export function parametersFor({ template }: TemplateFile, given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => template.parameters.has(name)));
}

export function checkParameterNames(templates: readonly TemplateFile[], given: Record<string, string>): void {
  const known = new Set(templates.flatMap(({ template }) => [...template.parameters.keys()]));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const hint = `the templates have ${[...known].join(", ") || "no parameters"}`;
  throw new UsageError(
    "TEMPLATE_PARAMETER_UNKNOWN",
    `Parameters: [${unknown.join(", ")}] do not exist in the template`,
    { hint },
  );
}

/** A privileged project needs an engine: better said before anything is made. */
export async function checkEngineFor(
  templates: readonly TemplateFile[],
  options: { engine: "auto" | "docker" | "podman"; path: string; dockerClients(): Promise<readonly DockerClient[]> },
): Promise<string[]> {
  const isPrivileged = templates.some(({ text }) => /PrivilegedMode["']?\s*:\s*["']?true/i.test(text));
  if (!isPrivileged) return [];
  const { engine, path } = options;
  return (await checkEngines({ engine, path, dockerClients: await options.dockerClients() })).warnings;
}

/** Checks every template first, then makes their stacks in order; stops at the first that fails. */
export async function deployTemplates(
  account: Account,
  templates: readonly TemplateFile[],
  given: Record<string, string>,
  observer: RunObserver,
): Promise<StackOutcome[]> {
  const { cloudFormation, region } = account;
  const caller = { account: account.id, region, principal: account.root };
  const requests = templates.map((entry) => ({
    name: entry.stackName,
    template: entry.text,
    file: entry.file,
    parameters: parametersFor(entry, given),
  }));
  await cloudFormation.checkStacks(requests, caller);
  const outcomes: StackOutcome[] = [];
  for (const request of requests) {
    observer.onStackStart(request.name, request.file);
    const outcome = await cloudFormation.deployStack(request, caller);
    outcomes.push(outcome);
    if (!outcome.isCreated) break;
  }
  return outcomes;
}
