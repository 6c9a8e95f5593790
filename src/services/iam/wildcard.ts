/**
 * Text of a policy in which `*` stands for any run of characters and `?` for any one character. Pieces that come from
 * a policy variable are literal: a wildcard in a variable's value matches only itself.
 */
export type Pattern = readonly PatternPiece[];

export interface PatternPiece {
  text: string;
  isLiteral: boolean;
}

export function patternOf(text: string): Pattern {
  return [{ text, isLiteral: false }];
}

export function matchesWildcard(pattern: Pattern, value: string, options: { ignoreCase?: boolean } = {}): boolean {
  const source = pattern.map((piece) => (piece.isLiteral ? escapeRegExp(piece.text) : globSource(piece.text))).join("");
  return matchesSource(source, value, options.ignoreCase === true);
}

/**
 * A statement's Resource against an ARN. In the first five segments a wildcard stays in its segment, except that a `*`
 * at a segment's end may reach beyond colons; in the last segment wildcards match anything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesResource(pattern: Pattern, resource: string): boolean {
  const colons = { seen: 0 };
  const source = pattern.map((piece, index) => arnPieceSource(piece, colons, pattern[index + 1]?.text ?? "")).join("");
  return matchesSource(source, resource, false);
}

/** ArnLike of a condition: each of the six segments matches by itself. */
export function matchesArn(pattern: Pattern, arn: string): boolean {
  const patterns = splitSegments(pattern);
  const segments = arn.split(":");
  const values = [...segments.slice(0, 5), segments.slice(5).join(":")];
  if (patterns.length !== values.length) return false;
  return patterns.every((segment, index) => matchesWildcard(segment, values[index] as string));
}

const arnSegments = 6;

function arnPieceSource(piece: PatternPiece, colons: { seen: number }, next: string): string {
  let source = "";
  for (const [index, char] of [...piece.text].entries()) {
    const isLast = colons.seen >= arnSegments - 1;
    const following = piece.text[index + 1] ?? next[0];
    if (char === ":") colons.seen++;
    if (piece.isLiteral) source += escapeRegExp(char);
    else if (char === "*") source += isLast || following === ":" || following === undefined ? ".*" : "[^:]*";
    else if (char === "?") source += isLast ? "." : "[^:]";
    else source += escapeRegExp(char);
  }
  return source;
}

function splitSegments(pattern: Pattern): Pattern[] {
  const segments: PatternPiece[][] = [[]];
  for (const piece of pattern) {
    const room = arnSegments - segments.length;
    const parts = piece.text.split(":");
    const kept = room < parts.length - 1 ? [...parts.slice(0, room), parts.slice(room).join(":")] : parts;
    for (const [index, text] of kept.entries()) {
      if (index > 0) segments.push([]);
      segments.at(-1)?.push({ text, isLiteral: piece.isLiteral });
    }
  }
  return segments;
}

function globSource(text: string): string {
  return text.replace(/[^*?]+|\*+|\?/g, (part) => {
    if (part.startsWith("*")) return ".*";
    return part === "?" ? "." : escapeRegExp(part);
  });
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function matchesSource(source: string, value: string, ignoreCase: boolean): boolean {
  // A run of `.*` would make the expression slow without matching more.
  const expression = source.replace(/(?:\.\*){2,}/g, ".*");
  return new RegExp(`^${expression}$`, ignoreCase ? "is" : "s").test(value);
}
