import type { FileCoverageRecord } from "../report.ts";
import { childrenOf, descendantsOf, numberOf, parseXmlOf, type XmlElement } from "../xml-document.ts";

/** `report > (group >) package > sourcefile > counter`. https://www.jacoco.org/jacoco/trunk/coverage/report.dtd */
export function parseJacoco(text: string): FileCoverageRecord[] {
  return descendantsOf(parseXmlOf(text, "report"), "package").flatMap((element) =>
    childrenOf(element, "sourcefile").map((file) => readFile(file, element.attributes.name ?? "")),
  );
}

function readFile(file: XmlElement, packageName: string): FileCoverageRecord {
  const counter = (type: string) => childrenOf(file, "counter").find(({ attributes }) => attributes.type === type);
  const [lines, branches] = [counter("LINE"), counter("BRANCH")];
  const name = file.attributes.name ?? "";
  return {
    filePath: packageName === "" ? name : `${packageName}/${name}`,
    linesCovered: numberOf(lines, "covered"),
    linesMissed: numberOf(lines, "missed"),
    branchesCovered: numberOf(branches, "covered"),
    branchesMissed: numberOf(branches, "missed"),
  };
}
