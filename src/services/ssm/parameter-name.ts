import { ssmError } from "./ssm-error.ts";
import type { ParameterPlace } from "./ssm-store.ts";

/** Which parameter a request means, and which of its versions. */
export interface ParameterSelection {
  /** Name or ARN. */
  id: string;
  /** A version's number or a label. */
  selector: string | undefined;
}

/** `NAME`, `NAME:VERSION`, `NAME:LABEL`, or an ARN with or without a selector. */
export function parseParameterName(text: string): ParameterSelection {
  const [, id = "", selector] = /^(arn:(?:[^:]*:){4}[^:]*|[^:]*)(?::(.*))?$/s.exec(text) ?? [];
  return { id, selector };
}

export function parameterArn(name: string, { region, account }: ParameterPlace): string {
  return `arn:aws:ssm:${region}:${account}:parameter${name.startsWith("/") ? "" : "/"}${name}`;
}

const mostLevels = 15;

/**
 * Throws for a name that no parameter can have. The words are AWS's as public mocks of the service have recorded them.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function checkParameterName(name: string): void {
  const invalid = (message: string) => ssmError("ValidationException", message);
  if (name.length > 1011) throw invalid("The parameter name must be at most 1011 characters long, its ARN included.");
  if (name.includes("/") && !name.startsWith("/")) throw invalid("Parameter name must be a fully qualified name.");
  if (/^\/?aws/i.test(name)) {
    if (/^\/?aws(\/|$)/i.test(name)) {
      throw ssmError("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
    }
    throw invalid(prefixRefusal(name));
  }
  if (/^\/?ssm/i.test(name)) throw invalid(prefixRefusal(name));
  if (!/^[a-zA-Z0-9_./-]+$/.test(name) || name.includes("//") || name.endsWith("/")) {
    throw invalid(pathRefusal);
  }
  if (name.split("/").length - 1 > mostLevels) {
    const message = `A hierarchy can have a maximum of ${mostLevels} levels. Try again with fewer levels.`;
    throw ssmError("HierarchyLevelLimitExceededException", message);
  }
}

const pathRefusal =
  'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths ' +
  "divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";

function prefixRefusal(name: string): string {
  return name.startsWith("/")
    ? pathRefusal
    : 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).';
}
