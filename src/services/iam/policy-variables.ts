import type { Pattern, PatternPiece } from "./wildcard.ts";

/** Values of condition keys, under their names in lower case: `{"aws:username": "…"}`. */
export type ConditionValues = Readonly<Record<string, string | readonly string[]>>;

/** `${*}`, `${?}` and `${$}` are the characters themselves. */
const escapes = new Set(["*", "?", "$"]);
const variable = /\$\{([^}]*)\}/g;
const withDefault = /^(.*?)\s*,\s*'(.*)'$/s;

/**
 * Text of a Resource or condition value with its policy variables replaced: `${aws:PrincipalTag/team, 'none'}`.
 * Undefined where a variable has neither a single value nor a default: the element then matches nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function resolveVariables(text: string, values: ConditionValues): Pattern | undefined {
  const pieces: PatternPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(variable)) {
    pieces.push({ text: text.slice(end, match.index), isLiteral: false });
    const value = findVariable(match[1] as string, values);
    if (value === undefined) return undefined;
    pieces.push({ text: value, isLiteral: true });
    end = match.index + match[0].length;
  }
  pieces.push({ text: text.slice(end), isLiteral: false });
  return pieces.filter((piece) => piece.text !== "");
}

/** A pattern that matches whatever the variables may stand for. */
export function widenVariables(text: string): Pattern {
  return [{ text: text.replace(variable, (whole, name) => (escapes.has(name) ? whole : "*")), isLiteral: false }];
}

function findVariable(expression: string, values: ConditionValues): string | undefined {
  if (escapes.has(expression)) return expression;
  const [, name = expression, fallback] = withDefault.exec(expression) ?? [];
  const value = values[name.trim().toLowerCase()];
  // A key with several values cannot stand in a string.
  return typeof value === "string" ? value : fallback;
}
