import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { StackOutcome } from "../services/cloudformation/deploy-stack.ts";
import { parseTemplate } from "../template/parse-template.ts";
import { missingParameters, type ParameterMetadata } from "../template/resolve-parameters.ts";
import { suggestName } from "../template/suggest-name.ts";
import type { Template } from "../template/template.ts";
import { UsageError } from "../usage-error.ts";
import type { Account } from "./account.ts";
import { type BuildSettings, checkEngineFor } from "./check-engine-for.ts";
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

/** CloudFormation's limit for a template in S3. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const largestTemplate = 1_000_000;

function readTemplate(file: string): string {
  const refuse = (message: string, hint: string, cause?: unknown) =>
    new UsageError("CONFIG_TEMPLATE", `the template ${message}: ${file}`, { cause, hint });
  let content: Buffer;
  try {
    const status = statSync(file);
    if (status.isDirectory()) throw refuse("is a directory", "give the file in it");
    if (status.size > largestTemplate) {
      throw refuse(
        `has ${status.size} bytes, and CloudFormation takes ${largestTemplate} at the most`,
        "split it into several; they are made in the order given",
      );
    }
    content = readFileSync(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw refuse("does not exist", "check the path; it is taken from the current directory", error);
    throw refuse(`cannot be read (${code})`, "check who may read it", error);
  }
  if (isUtf8(content)) return content.toString();
  throw refuse("is no text in UTF-8", "give a CloudFormation template in YAML or JSON");
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
  const hint = suggestName(unknown[0] ?? "", known) ?? `the templates have ${[...known].join(", ") || "no parameters"}`;
  throw new UsageError(
    "TEMPLATE_PARAMETER_UNKNOWN",
    `Parameters: [${unknown.join(", ")}] do not exist in the template`,
    { hint },
  );
}

export function deployRequests(templates: readonly TemplateFile[], given: Record<string, string>) {
  return templates.map((entry) => ({
    name: entry.stackName,
    template: entry.text,
    parsed: entry.template,
    file: entry.file,
    parameters: parametersFor(entry, given),
  }));
}

/**
 * Checks every template first, and that there is the engine that their builds need; then makes their stacks in order.
 * Stops at the first that fails.
 */
export async function deployTemplates(
  account: Account,
  templates: readonly TemplateFile[],
  given: Record<string, string>,
  { observer, ...builds }: { observer: RunObserver } & BuildSettings,
): Promise<StackOutcome[]> {
  const { cloudFormation, region } = account;
  const caller = { account: account.id, region, principal: account.root };
  const requests = deployRequests(templates, given);
  const planned = await cloudFormation.checkStacks(requests, caller);
  const { startsAhead, warnings } = await checkEngineFor(planned, builds);
  for (const warning of warnings) observer.onNote(warning);
  if (startsAhead) account.startEngineAhead();
  const outcomes: StackOutcome[] = [];
  for (const request of requests) {
    observer.onStackStart(request.name, request.file);
    const outcome = await cloudFormation.deployStack(request, caller);
    outcomes.push(outcome);
    if (!outcome.isCreated) break;
  }
  return outcomes;
}
