import { type Document, type ParsedNode, parseAllDocuments } from "yaml";

/** Quoted scalars whose lines are joined; a text with more of them is left as it is. */
const mostJoined = 20;

/**
 * Parses all documents of a text. A quoted scalar whose later lines are indented too little is no YAML 1.2, but is read by
 * libyaml and Go's parsers, which most users' files are written for; places stay those of the text.
 * https://yaml.org/spec/1.2.2/#73-flow-scalar-styles
 */
export function parseYaml(text: string): Document.Parsed[] {
  let documents = parse(text);
  for (let joined = text, count = 0; count < mostJoined; count++) {
    const next = joinQuotedLines(joined, documents);
    if (next === undefined) break;
    joined = next;
    documents = parse(joined);
  }
  return documents;
}

function parse(text: string): Document.Parsed<ParsedNode>[] {
  const documents = parseAllDocuments(text, { schema: "core", uniqueKeys: false, logLevel: "silent" });
  return "empty" in documents ? [] : documents;
}

/** With blanks for the line ends of the first scalar that was cut off for its indentation, whose own blanks stay. */
function joinQuotedLines(text: string, documents: readonly Document.Parsed[]): string | undefined {
  const [error] = documents.flatMap(({ errors }) => errors.slice(0, 1));
  const [, quote] = /^Missing closing (["'])quote/.exec(error?.message ?? "") ?? [];
  if (error === undefined || quote === undefined) return undefined;
  const rest = quote === '"' ? /(?:\\[\s\S]|[^"\\])*"/y : /(?:''|[^'])*'/y;
  const [start] = error.pos;
  rest.lastIndex = start;
  const cut = rest.exec(text)?.[0] ?? "";
  const isCutAtLine = /^[ \t]*\r?\n/.test(cut);
  return isCutAtLine ? text.slice(0, start) + cut.replace(/\n/g, " ") + text.slice(start + cut.length) : undefined;
}
