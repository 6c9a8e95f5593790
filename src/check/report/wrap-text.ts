/** Breaks at blanks; a word that is longer than a line stays whole, so that it can be copied. */
export function wrapText(text: string, columns: number, indentation: string): string[] {
  const [, head = "", rest = ""] = /^(\s*)(.*)$/s.exec(text) ?? [];
  const lines: string[] = [];
  let line = head;
  let isFresh = true;
  for (const word of rest.replace(/\n/g, " ").split(/(?<=\S) (?=\S)/)) {
    if (!isFresh && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indentation;
      isFresh = true;
    }
    line += isFresh ? word : ` ${word}`;
    isFresh = false;
  }
  return [...lines, line];
}
