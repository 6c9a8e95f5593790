import { invalidParameter } from "./logs-error.ts";

/**
 * Reads a filter pattern of terms: `ERROR`, `"two words"`, `?any ?of`, `-without`. Terms tell case apart and match
 * anywhere in a message. Where there are terms without `?`, those with it have no effect, as on AWS.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseFilterPattern(pattern: string): (message: string) => boolean {
  const text = pattern.trim();
  if (/^[{[]/.test(text)) {
    const kind = text.startsWith("{") ? "JSON" : "space-delimited";
    throw invalidParameter(
      `Invalid filter pattern: Chubo does not match ${kind} patterns such as ${text}, only terms.`,
    );
  }
  const terms = parseTerms(text);
  const of = (sign: Term["sign"]) => terms.filter((term) => term.sign === sign).map((term) => term.text);
  const [needed, optional, excluded] = [of(""), of("?"), of("-")];
  const needsOptional = needed.length === 0 && excluded.length === 0 && optional.length > 0;
  return (message) =>
    needed.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (!needsOptional || optional.some((term) => message.includes(term)));
}

interface Term {
  sign: "" | "?" | "-";
  text: string;
}

function parseTerms(text: string): Term[] {
  const terms: Term[] = [];
  let rest = text;
  while (rest !== "") {
    const match = /^([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?:\s+|$)/.exec(rest);
    if (match === null) throw invalidParameter(`Invalid filter pattern: ${text}`);
    const [whole, sign, quoted, bare] = match;
    if (bare !== undefined && /^%.*%$/.test(bare)) {
      throw invalidParameter(
        `Invalid filter pattern: Chubo does not match regular expressions such as ${bare}, only terms.`,
      );
    }
    terms.push({ sign: sign as Term["sign"], text: quoted?.replace(/\\(.)/g, "$1") ?? (bare as string) });
    rest = rest.slice(whole.length);
  }
  return terms;
}
