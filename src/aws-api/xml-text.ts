const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#x0D;" };

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => entities[character] as string);
}

/** What stands between the tags of the root element: `<A x="y"><b/></A>` → `<b/>`, `<A/>` → nothing. */
export function innerXml(element: string): string {
  const open = element.indexOf(">");
  if (element[open - 1] === "/") return "";
  return element.slice(open + 1, element.lastIndexOf("</"));
}
