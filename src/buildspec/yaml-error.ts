import type { LineCounter, YAMLParseError } from "yaml";
import { BuildspecError } from "./buildspec.ts";

/** Our parser's code → the words of the YAML library behind CodeBuild (a port of libyaml), which builds on AWS show. */
const libyamlTexts: Partial<Record<YAMLParseError["code"], string>> = {
  BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed in this context",
  BLOCK_IN_FLOW: "did not find expected node content",
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  TAB_AS_INDENT: "found character that cannot start any token",
  BAD_SCALAR_START: "found character that cannot start any token",
  BAD_INDENT: "did not find expected key",
  UNEXPECTED_TOKEN: "did not find expected key",
  BAD_DQ_ESCAPE: "found unknown escape character",
};

const hints: Partial<Record<YAMLParseError["code"], string>> = {
  BLOCK_AS_IMPLICIT_KEY: "quote a text that holds a colon and a space: 'echo a: b'",
  MULTILINE_IMPLICIT_KEY: "is a colon missing after a key?",
  TAB_AS_INDENT: "indent with spaces; YAML allows no tabs there",
  BAD_SCALAR_START: "quote a text that begins with %, @ or a backquote",
  BAD_INDENT: "items of one list or mapping begin in the same column",
};

/** The first syntax error of a buildspec, in the words of CodeBuild where they are known. */
export function yamlErrorOf(error: YAMLParseError, lines: LineCounter): BuildspecError {
  const { line, col } = lines.linePos(error.pos[0]);
  const text = textOf(error) ?? error.message.split(" at line ")[0];
  const hint = hints[error.code];
  return new BuildspecError(`${text} at line ${line}`, {
    line,
    column: col,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

function textOf({ code, message }: YAMLParseError): string | undefined {
  if (message.startsWith("Flow sequence")) return "did not find expected ',' or ']'";
  if (message.startsWith("Flow map")) return "did not find expected ',' or '}'";
  if (code === "MISSING_CHAR" && message.includes("quote")) return "found unexpected end of stream";
  return libyamlTexts[code];
}
