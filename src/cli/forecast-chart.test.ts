import assert from "node:assert/strict";
import { test } from "node:test";
import { formatChance, isUnicodeTerminal, printForecastChart } from "./forecast-chart.ts";
import { drawForecastSvg, findStep, type SvgChart } from "./forecast-svg.ts";

const rows = [
  { label: "1", chance: 0 },
  { label: "10", chance: 0.5, marked: true },
  { label: "100", chance: 1 },
];

function print(columns: number, unicode: boolean): string[] {
  const lines: string[] = [];
  const terminal = { interactive: false, columns, write: () => undefined, style: (_: unknown, text: string) => text };
  printForecastChart({ ...terminal, line: (text = "") => void lines.push(text) }, "chance", rows, unicode);
  return lines;
}

test("bars are as long as the chance, and the reader's own row is marked", () => {
  assert.deepEqual(print(27, true).slice(1), [
    "    1             <0.1 %",
    "   10 █████       50.0 % ◂",
    "  100 ██████████ >99.9 %",
  ]);
});

test("without UTF-8 the chart is plain ASCII", () => {
  const text = print(100, false).join("\n");
  assert.match(text, /^ +10 #{25} +50\.0 % <$/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  assert.match(text, /^[\x00-\x7f]*$/);
});

test("no line is longer than the terminal, and a very narrow one shows the numbers alone", () => {
  for (const columns of [18, 20, 27, 40, 80, 300]) {
    for (const line of print(columns, true).slice(1)) assert.ok(line.length <= columns, `${columns}: ${line}`);
  }
  assert.equal(print(18, true)[2], "   10  50.0 % ◂");
});

test("the character set is that of the first variable that is set, as POSIX says", () => {
  assert.equal(isUnicodeTerminal({ LANG: "ja_JP.UTF-8" }), true);
  assert.equal(isUnicodeTerminal({ LANG: "ja_JP.UTF-8", LC_ALL: "C" }), false);
  assert.equal(isUnicodeTerminal({ LANG: "C", LC_ALL: "", LC_CTYPE: "C.utf8" }), true);
  assert.equal(isUnicodeTerminal({}), false);
});

test("a chance is never printed as certain", () => {
  assert.deepEqual([0, 1e-9, 0.0006, 0.154, 0.9994, 0.99999, 1].map(formatChance), [
    "<0.1 %",
    "<0.1 %",
    "0.1 %",
    "15.4 %",
    "99.9 %",
    ">99.9 %",
    ">99.9 %",
  ]);
});

test("ticks are 1, 2 or 5 of a power of ten apart", () => {
  assert.deepEqual(
    [8, 10, 33, 267, 0.3].map((largest) => Number(findStep(largest, 8).toPrecision(6))),
    [1, 2, 5, 50, 0.05],
  );
});

const curve: SvgChart = {
  title: 'Chance <&"',
  subtitle: "2 addresses",
  axis: "builds in an hour",
  kind: "curve",
  points: [0, 1, 2].map((value) => ({ value, chance: value / 2 })),
  mark: { value: 1, chance: 0.5 },
};

test("the SVG draws each point in its place, marks one's own and names nothing elsewhere", () => {
  const svg = drawForecastSvg(curve);
  assert.match(svg, /class="curve" d="M64,344 L380,210 L696,76"/);
  assert.match(svg, /<circle class="mark" cx="380" cy="210"/);
  assert.match(svg, />1: 50\.0 %</);
  assert.match(svg, /Chance &lt;&amp;&quot;/);
  assert.match(svg, /prefers-color-scheme: dark/);
  assert.deepEqual(svg.match(/https?:[^"]*/g), ["http://www.w3.org/2000/svg"]);
  assert.doesNotMatch(svg, /NaN|undefined|<script|Infinity/);
});

test("hours are 24 bars, and a curve without width is still a picture", () => {
  const points = Array.from({ length: 24 }, (_, value) => ({ value, chance: value / 24 }));
  assert.equal(drawForecastSvg({ ...curve, kind: "bars", points }).match(/class="bar"/g)?.length, 24);
  assert.doesNotMatch(drawForecastSvg({ ...curve, points: [{ value: 0, chance: 0 }] }), /NaN/);
});
