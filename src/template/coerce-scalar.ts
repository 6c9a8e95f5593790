import type { ScalarNode } from "./template-node.ts";

/** YAML 1.1's words, which CloudFormation reads. */
const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  yes: true,
  no: false,
  on: true,
  off: false,
};

/** The scalar as the type that a property asks for, or undefined where it is none. */
export function coerceScalar(
  node: ScalarNode,
  kind: "string" | "integer" | "number" | "boolean" | "date-time",
): string | number | boolean | undefined {
  const text = node.text.trim();
  switch (kind) {
    case "integer":
      return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
    case "number":
      return text !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "boolean": {
      const word = text.toLowerCase();
      return Object.hasOwn(booleans, word) ? booleans[word] : undefined;
    }
    default:
      return typeof node.value === "boolean" ? String(node.value) : node.text;
  }
}
