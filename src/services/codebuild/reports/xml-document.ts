import { SaxesParser } from "saxes";
import { ReportFileError } from "./report-file-error.ts";

/** An element with what a report's reader needs of it. */
export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  /** Its own text, that of its children left out. */
  text: string;
  line: number;
}

/** No report is deeper; a file that is would exhaust whoever reads it recursively. */
const deepest = 500;

/**
 * Reads a well-formed document. Throws ReportFileError with line and column. A DTD is passed over: its entities are not
 * known, so that none expands (one that is used is an error), and nothing is ever fetched.
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  const refuse = (message: string) => new ReportFileError(message, { line: parser.line, column: parser.column });
  parser.on("error", (error) => {
    // Its message begins with the place.
    throw refuse(error.message.replace(/^\d+:\d+: /, ""));
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element: XmlElement = { name, attributes, children: [], text: "", line: parser.line };
    if (open.length >= deepest) throw refuse(`elements are nested deeper than ${deepest}`);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (part: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => void open.pop());
  parser.write(text).close();
  if (root === undefined) throw refuse("the document has no element");
  return root;
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

export function findChild(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** All elements of the name, at any depth, in the order of the document. */
export function descendantsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...descendantsOf(child, name)]);
}

/** Throws ReportFileError for a document that is of another kind. */
export function parseXmlOf(text: string, ...rootNames: string[]): XmlElement {
  const root = parseXml(text);
  if (rootNames.includes(root.name)) return root;
  throw new ReportFileError(`expected <${rootNames.join("> or <")}>, found <${root.name}>`, { line: root.line });
}

/** A number of an attribute; 0 where there is none, or none that is a number. */
export function numberOf(element: XmlElement | undefined, name: string): number {
  // Some writers group thousands: `1,234.5`.
  const value = Number((element?.attributes[name] ?? "").replaceAll(",", ""));
  return Number.isFinite(value) ? value : 0;
}
