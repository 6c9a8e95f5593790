import { UsageError } from "../usage-error.ts";
import type { NodePlace } from "./template-node.ts";
import { sourcePlace } from "./template-source.ts";

/** All that is wrong with a template. The error itself says the first; `problems` holds each with its place. */
export class TemplateError extends UsageError {
  readonly problems: readonly UsageError[];

  constructor(problems: readonly UsageError[]) {
    const first = problems[0];
    if (first === undefined) throw new TypeError("a TemplateError needs a problem");
    super(first.code, first.message, { ...first.place, ...(first.hint !== undefined && { hint: first.hint }) });
    this.problems = problems;
  }
}

export type TemplateErrorCode =
  | "TEMPLATE_SYNTAX"
  | "TEMPLATE_STRUCTURE"
  | "TEMPLATE_UNSUPPORTED"
  | "TEMPLATE_FUNCTION"
  | "TEMPLATE_REFERENCE"
  | "TEMPLATE_CYCLE"
  | "TEMPLATE_CONDITION"
  | "TEMPLATE_RULE"
  | "TEMPLATE_BLANK_LEFT"
  | "TEMPLATE_RESOURCE_TYPE"
  | "TEMPLATE_PROPERTY"
  | "TEMPLATE_PARAMETER"
  | "TEMPLATE_PARAMETER_MISSING"
  | "TEMPLATE_PARAMETER_UNKNOWN";

export function templateProblem(
  code: TemplateErrorCode,
  message: string,
  place: NodePlace | undefined,
  hint?: string,
): UsageError {
  return new UsageError(code, message, {
    ...(place !== undefined && sourcePlace(place)),
    ...(hint !== undefined && { hint }),
  });
}

/** Throws where there are problems, in the order of their places. */
export function throwProblems(problems: readonly UsageError[]): void {
  if (problems.length > 0) throw new TemplateError(problems);
}

/** Runs one check; the problems that it throws join the others. Anything else is a defect and goes on. */
export function collectProblems<T>(problems: UsageError[], check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    problems.push(...problemsOf(error));
    return undefined;
  }
}

function problemsOf(error: unknown): readonly UsageError[] {
  if (error instanceof TemplateError) return error.problems;
  if (error instanceof UsageError) return [error];
  throw error;
}
