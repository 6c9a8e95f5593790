import type { BuildStep, ScriptCall } from "../build-job.ts";
import type { MappedText } from "../mapped-text.ts";
import type { Findings } from "./findings.ts";
import { replaceReferences } from "./script-references.ts";
import { openShellSession } from "./shell/read-shell.ts";
import { type ShellVariable, shellVariable } from "./shell/shell-value.ts";
import { StepSink } from "./shell/step-sink.ts";
import { expandVariables, firstVariable, type VariableScope } from "./variable-image.ts";

/** What holds when a script of a job begins. */
export interface ScriptContext {
  /** Undefined where it is not constant. */
  directory: string | undefined;
  /** The environment, the outer variables first. */
  environment: readonly (readonly [string, MappedText])[];
  /** Paths that the CI gives for the checked-out source: `CI_PROJECT_DIR`. */
  sourceVariables: readonly string[];
  /** Values of the variables of the CI, in each leg of the job's matrix. */
  legs: readonly VariableScope[];
  /** The variables are a language of their own, put in before a shell sees the script: `${{ env.TAG }}`. */
  hasExpressions: boolean;
}

/** Gathers what the steps of a job do with registries, scripts and others, in the order in which they run. */
export interface JobSteps {
  add(steps: readonly BuildStep[]): void;
  /** An image that a step has made: running it pulls nothing. */
  addBuilt(name: string): void;
  isBuilt(name: string): boolean;
  /** Scripts that run in one shell. */
  run(scripts: readonly MappedText[], context: ScriptContext): void;
  finish(): { steps: BuildStep[]; calls?: readonly ScriptCall[] };
}

/** `file`: the text that all places lead to. */
export function openJobSteps(file: string, findings: Findings): JobSteps {
  const sink = new StepSink(file);
  /** One object for each value, so that the shell's reader sees where it becomes a part of another text. */
  const variables = new Map<string, ShellVariable>();
  const built = new Set<string>();

  function variableOf(text: MappedText, scope: VariableScope): ShellVariable {
    const { start } = text.nearestRange({ start: 0, end: text.text.length });
    const expanded = expandVariables(text.text, scope);
    const key = `${start} ${expanded}`;
    const known = variables.get(key);
    if (known !== undefined) return known;
    const variable = shellVariable(expanded, expanded === text.text ? text : undefined);
    variables.set(key, variable);
    return variable;
  }

  function runInLeg(scripts: readonly MappedText[], scope: VariableScope, context: ScriptContext): void {
    const environment = new Map(context.environment.map(([name, text]) => [name, variableOf(text, scope)]));
    for (const name of context.sourceVariables) environment.set(name, shellVariable("."));
    const own = context.hasExpressions
      ? scripts.map((script) => putIn(script, scope, (text) => variableOf(text, scope), environment))
      : scripts;
    const start = { variables: environment, workingDirectory: context.directory, builtImages: built };
    const session = openShellSession(start, sink);
    for (const script of own) session.read(script);
    for (const name of session.finish().after.builtImages ?? []) built.add(name);
    for (const image of sink.images) {
      const name = firstVariable(image.written, scope);
      const isOpen = image.reference === undefined && image.registryHint === undefined;
      if (isOpen && name !== undefined && scope.isElsewhere?.(name)) image.registryHint = "*";
    }
  }

  return {
    add(steps) {
      for (const step of steps) sink.add(step);
    },
    addBuilt: (name) => built.add(withTag(name)),
    isBuilt: (name) => built.has(withTag(name)),
    run(scripts, context) {
      for (const scope of context.legs) runInLeg(scripts, scope, context);
    },
    finish() {
      findings.notes.push(...sink.notes);
      const steps = sink.steps.map((step) =>
        step.kind === "pull" ? { ...step, image: findings.addImage(step.image) } : step,
      );
      return { steps, ...(sink.calls.length > 0 && { calls: sink.calls }) };
    },
  };
}

function withTag(name: string): string {
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}

/** Expressions become variables of the shell: the constant ones of `environment`, the others of nobody. */
function putIn(
  script: MappedText,
  scope: VariableScope,
  variableOf: (text: MappedText) => ShellVariable,
  environment: Map<string, ShellVariable>,
): MappedText {
  return replaceReferences(script, scope.pattern, (match) => {
    const name = match.slice(1).find((group) => group !== undefined) ?? "";
    const value = scope.find(name);
    const text = value && expandVariables(value.text, scope);
    // The shell's reader knows GitHub's as what is not constant, and Azure's as a command.
    if (value === undefined || text === undefined) return match[0].startsWith("$") ? undefined : "$_";
    // In single quotes no shell puts a variable in.
    if (script.text[match.index === undefined ? -1 : match.index - 1] === "'") return text;
    const shellName = `_expression_${name.replace(/\W/g, "_")}`;
    environment.set(shellName, variableOf(value));
    return `\${${shellName}}`;
  });
}
