import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./aws-error.ts";
import { requiredMembers } from "./service-schemas.ts";

/**
 * Throws in AWS's words where an input lacks required members (`validationName` is the protocol's name for that) or where
 * a value is of another type than its member. Lengths, patterns and enums are in no schema: operations check what matters.
 */
export function checkInput(schema: NormalizedSchema, input: unknown, validationName: string): void {
  const missing: string[] = [];
  checkValue(schema, input, "", missing);
  if (missing.length === 0) return;
  const details = missing.map(
    (path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );
  const count = missing.length === 1 ? "1 validation error" : `${missing.length} validation errors`;
  throw new AwsError(validationName, `${count} detected: ${details.join("; ")}`, { statusCode: 400 });
}

function checkValue(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (schema.isUnitSchema() || schema.isDocumentSchema()) return;
  checkType(schema, value);
  const at = path === "" ? "" : `${path}.`;
  if (schema.isStructSchema()) return checkStructure(schema, value as Record<string, unknown>, at, missing);
  if (!schema.isListSchema() && !schema.isMapSchema()) return;
  const item = schema.getValueSchema();
  // Lists count from 1.
  const children = Array.isArray(value)
    ? value.map((child, index) => [index + 1, child])
    : Object.entries(value as object);
  for (const [key, child] of children) checkValue(item, child, `${at}${key}.member`, missing);
}

function checkStructure(
  schema: NormalizedSchema,
  structure: Record<string, unknown>,
  at: string,
  missing: string[],
): void {
  for (const name of requiredMembers(schema)) {
    if (structure[name] === undefined) missing.push(`${at}${memberPath(name)}`);
  }
  for (const [name, member] of schema.structIterator()) {
    const child = structure[name];
    if (child !== undefined) checkValue(member, child, `${at}${memberPath(name)}`, missing);
  }
}

/** AWS's messages name members as its Java code does. */
function memberPath(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function checkType(schema: NormalizedSchema, value: unknown): void {
  const expected = expectedType(schema);
  if (expected === undefined || expected === typeOf(value)) return;
  throw new AwsError("SerializationException", `${typeOf(value)} can not be converted to ${expected}`, {
    statusCode: 400,
  });
}

type ValueType = "a structure" | "a list" | "a String" | "a Boolean" | "a Number" | "a Timestamp" | "a Blob" | "null";

function expectedType(schema: NormalizedSchema): ValueType | undefined {
  if (schema.isStructSchema() || schema.isMapSchema()) return "a structure";
  if (schema.isListSchema()) return "a list";
  if (schema.isStringSchema()) return "a String";
  if (schema.isBooleanSchema()) return "a Boolean";
  if (schema.isNumericSchema()) return "a Number";
  if (schema.isTimestampSchema()) return "a Timestamp";
  return schema.isBlobSchema() ? "a Blob" : undefined;
}

function typeOf(value: unknown): ValueType {
  if (value === null || value === undefined || Number.isNaN(value)) return "null";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "null" : "a Timestamp";
  if (value instanceof Uint8Array) return "a Blob";
  if (typeof value === "string") return "a String";
  if (typeof value === "boolean") return "a Boolean";
  return typeof value === "number" ? "a Number" : "a structure";
}
