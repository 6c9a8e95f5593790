import type { FileCoverageRecord } from "../report.ts";
import { childrenOf, descendantsOf, findChild, numberOf, parseXmlOf, type XmlElement } from "../xml-document.ts";

/** `coverage > packages > package > classes > class > lines > line`. https://cobertura.sourceforge.net/xml/coverage-04.dtd */
export function parseCobertura(text: string): FileCoverageRecord[] {
  const files = new Map<string, Map<string, XmlElement>>();
  for (const element of descendantsOf(parseXmlOf(text, "coverage"), "class")) {
    const name = element.attributes.filename ?? element.attributes.name ?? "";
    // Several classes may be of one file, and a class has its lines again in each of its methods.
    const lines = files.get(name) ?? new Map<string, XmlElement>();
    for (const line of childrenOf(findChild(element, "lines") ?? element, "line")) {
      lines.set(line.attributes.number ?? "", line);
    }
    files.set(name, lines);
  }
  return [...files].map(([filePath, lines]) => countLines(filePath, [...lines.values()]));
}

function countLines(filePath: string, lines: readonly XmlElement[]): FileCoverageRecord {
  const covered = lines.filter((line) => numberOf(line, "hits") > 0).length;
  const counts = { branchesCovered: 0, branchesMissed: 0 };
  for (const line of lines) {
    // `condition-coverage="50% (1/2)"`.
    const [, taken, all] = /\((\d+)\/(\d+)\)/.exec(line.attributes["condition-coverage"] ?? "") ?? [];
    if (taken === undefined || all === undefined) continue;
    counts.branchesCovered += Number(taken);
    counts.branchesMissed += Math.max(0, Number(all) - Number(taken));
  }
  return { filePath, linesCovered: covered, linesMissed: lines.length - covered, ...counts };
}
