import type { TextRange } from "../../source-file.ts";

/** What stands in comments at the head of a Dockerfile. */
export interface Directives {
  escapeCharacter: "\\" | "`";
  /** The first word of `# syntax=`: the image that reads the Dockerfile. */
  syntax?: TextRange;
}

const directive = /^[ \t]*#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(.+?)[ \t\r]*$/;

/** Any other line ends them, an empty one and a plain comment too. https://docs.docker.com/reference/dockerfile/#parser-directives */
export function readDirectives(text: string): Directives {
  const found: Directives = { escapeCharacter: "\\" };
  const seen = new Set<string>();
  let at = text.startsWith("\ufeff") ? 1 : 0;
  if (text.startsWith("#!", at)) at = nextLine(text, at);
  while (at < text.length) {
    const next = nextLine(text, at);
    const line = text.slice(at, next).replace(/\n$/, "");
    // A line of some hundred characters is no directive, and the pattern's time grows with its square.
    const [, key = "", value = ""] = (line.length < 1024 ? directive.exec(line) : undefined) ?? [];
    const name = key.toLowerCase();
    if (name === "" || seen.has(name)) return found;
    seen.add(name);
    if (name === "escape" && value === "`") found.escapeCharacter = value;
    if (name === "syntax") {
      const start = at + line.indexOf(value, line.indexOf("="));
      found.syntax = { start, end: start + (value.split(/\s/)[0] as string).length };
    }
    at = next;
  }
  return found;
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}
