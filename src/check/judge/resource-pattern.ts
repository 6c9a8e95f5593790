/** One character of a pattern, `*` (any number), `?` (one), or what only the stack knows (any number). */
type Token = string;

const many = "*";
const one = "?";

/** With `${…}` as one token: it is the same text wherever it is written. */
function tokensOf(pattern: string): Token[] {
  return pattern.match(/\$\{[^}]*\}|[\s\S]/g) ?? [];
}

/** Does the pattern of a policy take in whatever `resource` may stand for? Its own `?` is any one character. */
export function isSamePattern(pattern: string, resource: string): boolean {
  return overlap(tokensOf(pattern), tokensOf(resource), (a, b) => a === b || a === one);
}

/** Is there a text that both may be? */
export function mayOverlap(pattern: string, resource: string): boolean {
  const open = (tokens: Token[]) => tokens.map((token) => (token.startsWith("${") ? many : token));
  return overlap(open(tokensOf(pattern)), open(tokensOf(resource)), (a, b) => a === b || a === one || b === one, true);
}

/** Row by row, so that a pattern of many stars costs no more than its length. */
function overlap(
  pattern: readonly Token[],
  resource: readonly Token[],
  isSame: (a: Token, b: Token) => boolean,
  isOpenResource = false,
): boolean {
  let row = [true, ...resource.map(() => false)];
  for (let column = 1; isOpenResource && column <= resource.length; column++) {
    row[column] = row[column - 1] === true && resource[column - 1] === many;
  }
  for (const token of pattern) {
    const next = [row[0] === true && token === many];
    for (const [index, other] of resource.entries()) {
      const passes = token === many && (next[index] === true || row[index + 1] === true);
      const isSkipped = isOpenResource && other === many && (next[index] === true || row[index + 1] === true);
      next.push(passes || isSkipped || (row[index] === true && isSame(token, other)));
    }
    row = next;
  }
  return row.at(-1) === true;
}
