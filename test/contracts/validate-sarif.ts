import { createRequire } from "node:module";
import type { ErrorObject } from "ajv-draft-04";
import draft04 from "ajv-draft-04";
import formats from "ajv-formats";

/**
 * What is wrong by the whole schema of SARIF 2.1.0, in the revision (rtm.5) that Microsoft's SDK carries.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
 */
export function validateSarif(log: unknown): ErrorObject[] {
  const schema = createRequire(import.meta.url)("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
  // It asks for members in a branch that it describes outside of it, and has a pattern with a bracket too many.
  const validator = new draft04.default({ strict: true, strictRequired: false, unicodeRegExp: false, allErrors: true });
  formats.default(validator);
  const validate = validator.compile(schema);
  return validate(log) ? [] : (validate.errors ?? []);
}
