// Draws what a terminal shows as an SVG: `FORCE_COLOR=1 chubo run … | node scripts/picture.ts > docs/run.svg`
// Takes text with ANSI colours on stdin; lines longer than the picture go on below, as in a terminal.
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";

const columns = 108;
const cell = { width: 7.8, height: 18 };
const colours: Record<string, string> = { 31: "#ff7b72", 32: "#7ee787", 36: "#79c0ff", 90: "#8b949e" };

interface Span {
  text: string;
  style: string;
}

process.stdout.write(draw((await text(process.stdin)).trimEnd().split("\n")));

function draw(lines: string[]): string {
  const width = Math.ceil(columns * cell.width + 32);
  const rows = lines.flatMap((line) => wrap(spansOf(line)));
  const height = rows.length * cell.height + 28;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>${escapeXml(stripVTControlCharacters(lines[0] ?? ""))}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" fill="#e6edf3" xml:space="preserve" style="white-space: pre">
${rows.map((row, index) => drawRow(row, 26 + index * cell.height)).join("\n")}
</g>
</svg>
`;
}

function drawRow(row: Span[], y: number): string {
  const parts = row.map(({ text: shown, style }) => {
    return `<tspan${style}>${escapeXml(shown)}</tspan>`;
  });
  return `<text x="16" y="${y}">${parts.join("")}</text>`;
}

function escapeXml(shown: string): string {
  return shown.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function wrap(spans: Span[]): Span[][] {
  const rows: Span[][] = [[]];
  let used = 0;
  for (const { text: whole, style } of spans) {
    for (let rest = whole; rest !== ""; ) {
      if (used === columns) {
        rows.push([]);
        used = 0;
      }
      const part = rest.slice(0, columns - used);
      rows.at(-1)?.push({ text: part, style });
      used += part.length;
      rest = rest.slice(part.length);
    }
  }
  return rows;
}

/** A line cut where its colours change: `ESC [ n m`. https://en.wikipedia.org/wiki/ANSI_escape_code#SGR */
function spansOf(line: string): Span[] {
  const state = { colour: "", isBold: false, isDim: false };
  return line.split("\u001b[").flatMap((piece, index) => {
    const [code = "", ...rest] = index === 0 ? ["", piece] : piece.split("m");
    if (code === "1") state.isBold = true;
    else if (code === "2") state.isDim = true;
    else if (code === "22") state.isBold = state.isDim = false;
    else if (code === "39") state.colour = "";
    else if (code !== "") state.colour = colours[code] ?? "";
    const shown = index === 0 ? piece : rest.join("m");
    return shown === "" ? [] : [{ text: shown, style: attributes(state) }];
  });
}

function attributes({ colour, isBold, isDim }: { colour: string; isBold: boolean; isDim: boolean }): string {
  return [
    colour === "" ? "" : ` fill="${colour}"`,
    isBold ? ' font-weight="bold"' : "",
    isDim ? ' fill-opacity="0.6"' : "",
  ].join("");
}
