// What Chubo writes of SARIF 2.1.0, strictly: no member that the standard's schema does not have, each of its type.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json

const text = { type: "string", minLength: 1 };
const count = { type: "integer", minimum: 0 };
const level = { enum: ["none", "note", "warning", "error"] };

function object(required: Record<string, object>, optional: Record<string, object> = {}): object {
  const properties = { ...required, ...optional };
  return { type: "object", required: Object.keys(required), additionalProperties: false, properties };
}

function list(items: object, minItems = 0): object {
  return { type: "array", items, minItems };
}

const message = object({ text });
const uri = { type: "string", pattern: "^(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$" };
const region = object({
  ...{ startLine: { type: "integer", minimum: 1 }, startColumn: { type: "integer", minimum: 1 } },
  ...{ endLine: { type: "integer", minimum: 1 }, endColumn: { type: "integer", minimum: 1 } },
  ...{ charOffset: count, charLength: count, byteOffset: count, byteLength: count },
});
const artifactLocation = object({ uri });
const place = object({ artifactLocation }, { region });
const location = object({ physicalLocation: place }, { id: count, message });
const suppression = object({ kind: { enum: ["inSource", "external"] } }, { justification: text });
const result = object(
  { ruleId: text, level, message, locations: list(location, 1), partialFingerprints: object({ "chubo/v1": text }) },
  { ruleIndex: count, relatedLocations: list(location), suppressions: list(suppression) },
);
const rule = object({
  ...{ id: text, name: text, helpUri: { type: "string", pattern: "^https://" }, shortDescription: message },
  defaultConfiguration: object({ level }),
});
const driver = object({ name: text, semanticVersion: text, rules: list(rule) });
const invocation = object(
  { executionSuccessful: { type: "boolean" } },
  { toolExecutionNotifications: list(object({ level, message, locations: list(location) })) },
);
const run = object({
  ...{ tool: object({ driver }), columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] } },
  ...{ invocations: list(invocation), results: list(result) },
});

export const sarifSubset = object({ $schema: text, version: { const: "2.1.0" }, runs: list(run, 1) });
