/** The lines that a text ends; what is begun waits for its end. */
export type LineReader = (text: string) => string[];

/** Characters after which a line without an end is taken for one: a progress bar, or a file without line ends. */
const longestLine = 1024 * 1024;

export function openLineReader(): LineReader {
  let begun = "";
  return (text) => {
    const lines = (begun + text).split("\n");
    begun = lines.pop() as string;
    if (begun.length <= longestLine) return lines;
    lines.push(begun);
    begun = "";
    return lines;
  };
}
