import type { FileCoverageRecord } from "../report.ts";
import { childrenOf, descendantsOf, findChild, numberOf, parseXmlOf, type XmlElement } from "../xml-document.ts";

/** `coverage > project > (package >) file > (metrics, line)`. http://openclover.org/doc/manual/latest/faq--how-are-coverage-values-calculated.html */
export function parseClover(text: string): FileCoverageRecord[] {
  return descendantsOf(parseXmlOf(text, "coverage"), "file").map(readFile);
}

/** Statements are Clover's measure for lines, sides of conditions that for branches. */
function readFile(file: XmlElement): FileCoverageRecord {
  const metrics = findChild(file, "metrics");
  const lines = childrenOf(file, "line");
  const isBranch = ({ attributes }: XmlElement) => attributes.type === "cond";
  const statements = lines.filter(({ attributes }) => attributes.type === "stmt");
  const conditions = lines.filter(isBranch);
  const sides = conditions.flatMap((line) => [numberOf(line, "truecount"), numberOf(line, "falsecount")]);
  const covered = (line: XmlElement) => numberOf(line, "count") > 0;
  const counted =
    metrics === undefined
      ? {
          statements: statements.length,
          coveredStatements: statements.filter(covered).length,
          conditionals: sides.length,
          coveredConditionals: sides.filter((count) => count > 0).length,
        }
      : {
          statements: numberOf(metrics, "statements"),
          coveredStatements: numberOf(metrics, "coveredstatements"),
          conditionals: numberOf(metrics, "conditionals"),
          coveredConditionals: numberOf(metrics, "coveredconditionals"),
        };
  return {
    filePath: file.attributes.path ?? file.attributes.name ?? "",
    linesCovered: counted.coveredStatements,
    linesMissed: Math.max(0, counted.statements - counted.coveredStatements),
    branchesCovered: counted.coveredConditionals,
    branchesMissed: Math.max(0, counted.conditionals - counted.coveredConditionals),
  };
}
