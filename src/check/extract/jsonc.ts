/**
 * JSON with comments as plain JSON of the same length: comments and commas before a closing bracket become blanks, so
 * that every place stays. https://github.com/microsoft/node-jsonc-parser
 */
export function blankComments(text: string): string {
  const token = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  const plain = text.replace(token, (match) => (match.startsWith('"') ? match : match.replace(/[^\r\n]/g, " ")));
  return plain.replace(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, (match) => (match === "," ? " " : match));
}
