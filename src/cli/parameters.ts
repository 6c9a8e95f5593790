import { readFileSync } from "node:fs";
import { UsageError } from "../usage-error.ts";

/** `--parameter NAME=VALUE`; the message never shows the value, which may be a password. */
export function parseParameterOptions(options: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const option of options) {
    const equals = option.indexOf("=");
    if (equals <= 0) {
      throw new UsageError("CONFIG_PARAMETER", `--parameter takes NAME=VALUE; there is no "=" in the one given`, {
        hint: "for example --parameter PJPrefix=demo",
      });
    }
    parameters[option.slice(0, equals)] = option.slice(equals + 1);
  }
  return parameters;
}

/**
 * Reads a parameters file in either of the forms that `aws cloudformation` takes: a list of
 * `{"ParameterKey", "ParameterValue"}`, or an object of names and values (also below `Parameters`, as CodePipeline's
 * template configuration has it). https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/
 */
export function readParametersFile(file: string): Record<string, string> {
  const refuse = (message: string, cause?: unknown) =>
    new UsageError("CONFIG_PARAMETERS_FILE", message, {
      file,
      cause,
      hint: '[{"ParameterKey": "PJPrefix", "ParameterValue": "demo"}] or {"PJPrefix": "demo"}',
    });
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // JSON.parse quotes the text it stumbled over, which may be a password.
    if (error instanceof SyntaxError) throw refuse("the parameters file is not well-formed JSON", error);
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw refuse(`the parameters file ${isMissing ? "does not exist" : "cannot be read"}`, error);
  }
  const entries = Array.isArray(content) ? content.map(entryOfPair) : entriesOfObject(content);
  if (entries.some((entry) => entry === undefined)) throw refuse("the parameters file has neither of the known forms");
  return Object.fromEntries(entries as [string, string][]);
}

function entryOfPair(pair: unknown): [string, string] | undefined {
  const { ParameterKey: key, ParameterValue: value } = (pair ?? {}) as Record<string, unknown>;
  return typeof key === "string" && isScalar(value) ? [key, String(value)] : undefined;
}

function entriesOfObject(content: unknown): ([string, string] | undefined)[] {
  if (typeof content !== "object" || content === null) return [undefined];
  const nested = (content as { Parameters?: unknown }).Parameters;
  const names = typeof nested === "object" && nested !== null ? nested : content;
  return Object.entries(names).map(([key, value]) => (isScalar(value) ? [key, String(value)] : undefined));
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
