import type { ChancePoint } from "../docker-hub/forecast/forecast-pulls.ts";
import { formatChance } from "./forecast-chart.ts";

export interface SvgChart {
  title: string;
  subtitle: string;
  /** What the horizontal axis counts. */
  axis: string;
  /** `bars`: one for each of the 24 hours of a day. Ascending by value. */
  kind: "curve" | "bars";
  points: readonly ChancePoint[];
  /** The reader's own. */
  mark?: ChancePoint;
}

const [width, height] = [720, 400];
const plot = { left: 64, right: 24, top: 76, bottom: 56 };
const [plotWidth, plotHeight] = [width - plot.left - plot.right, height - plot.top - plot.bottom];

/** Light, and dark for a reader whose scheme is. Without custom properties, which not every renderer knows. */
const style = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #59636e }
.title { font-size: 16px; font-weight: 600; fill: #1f2328 }
.ground { fill: #ffffff }
.grid { stroke: #d1d9e0 }
.curve { fill: none; stroke: #0969da; stroke-width: 2.5; stroke-linejoin: round }
.area { fill: #0969da; fill-opacity: 0.12 }
.bar { fill: #0969da }
.mark { fill: #bc4c00 }
.own { stroke: #bc4c00; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title { fill: #f0f6fc }
  .ground { fill: #0d1117 }
  .grid { stroke: #3d444d }
  .curve { stroke: #4493f8 }
  .area, .bar { fill: #4493f8 }
  .mark { fill: #f0883e }
  .own { stroke: #f0883e }
}`;

/** A chart by itself: no script, no font, nothing from elsewhere. */
export function drawForecastSvg(chart: SvgChart): string {
  const largest = chart.kind === "bars" ? 24 : (chart.points.at(-1)?.value ?? 0) || 1;
  const x = (value: number) => round(plot.left + (plotWidth * value) / largest);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(`${chart.title}. ${chart.subtitle}`)}</title>`,
    `<style>${style}\n</style>`,
    `<rect width="100%" height="100%" rx="8" class="ground"/>`,
    `<text class="title" x="${plot.left}" y="32">${escapeText(chart.title)}</text>`,
    `<text x="${plot.left}" y="54">${escapeText(chart.subtitle)}</text>`,
    ...drawHorizontalGrid(),
    ...(chart.kind === "bars" ? drawBars(chart.points, x) : drawCurve(chart.points, x)),
    ...drawTicks(chart.kind, largest, x),
    ...(chart.mark === undefined ? [] : drawMark(chart.mark, x)),
    `<text x="${plot.left + plotWidth / 2}" y="${height - 14}" text-anchor="middle">${escapeText(chart.axis)}</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

/** A step of 1, 2 or 5 times a power of ten, so that about `count` of them reach `largest`. */
export function findStep(largest: number, count: number): number {
  const power = 10 ** Math.floor(Math.log10(largest / count));
  return power * ([1, 2, 5].find((factor) => factor * power * count >= largest) ?? 10);
}

function y(chance: number): number {
  return round(plot.top + plotHeight * (1 - chance));
}

function drawHorizontalGrid(): string[] {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((chance) => [
    `<line class="grid" x1="${plot.left}" x2="${width - plot.right}" y1="${y(chance)}" y2="${y(chance)}"/>`,
    `<text x="${plot.left - 8}" y="${y(chance) + 4}" text-anchor="end">${100 * chance} %</text>`,
  ]);
}

function drawTicks(kind: SvgChart["kind"], largest: number, x: (value: number) => number): string[] {
  const step = kind === "bars" ? 3 : findStep(largest, 8);
  const count = Math.floor(largest / step + 1e-9);
  const values = Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
  return values.flatMap((value) => [
    `<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${y(0)}" y2="${y(0) + 5}"/>`,
    `<text x="${x(value)}" y="${y(0) + 19}" text-anchor="middle">${value.toLocaleString("en-US")}</text>`,
  ]);
}

function drawCurve(points: readonly ChancePoint[], x: (value: number) => number): string[] {
  const path = points.map(({ value, chance }) => `${x(value)},${y(chance)}`).join(" L");
  return [
    `<path class="area" d="M${x(points[0]?.value ?? 0)},${y(0)} L${path} L${x(points.at(-1)?.value ?? 0)},${y(0)} Z"/>`,
    `<path class="curve" d="M${path}"/>`,
  ];
}

function drawBars(points: readonly ChancePoint[], x: (value: number) => number): string[] {
  const barWidth = round(plotWidth / 24 - 4);
  return points.map(({ value, chance }) => {
    const hint = `<title>${value}:00 to ${value + 1}:00: ${escapeText(formatChance(chance))}</title>`;
    const place = `x="${x(value) + 2}" y="${y(chance)}" width="${barWidth}" height="${round(y(0) - y(chance))}"`;
    return `<rect class="bar" ${place} rx="2">${hint}</rect>`;
  });
}

/** The curve only rises: above it and to the left is room, but at the left edge. */
function drawMark({ value, chance }: ChancePoint, x: (value: number) => number): string[] {
  const isRight = x(value) > plot.left + 100;
  const [labelX, labelY] = [x(value) + (isRight ? -10 : 10), Math.max(plot.top + 12, y(chance) - 10)];
  const label = `${formatNumber(value)}: ${formatChance(chance)}`;
  return [
    `<line class="own" x1="${x(value)}" x2="${x(value)}" y1="${y(0)}" y2="${y(chance)}"/>`,
    `<circle class="mark" cx="${x(value)}" cy="${y(chance)}" r="5"/>`,
    `<text class="mark" x="${labelX}" y="${labelY}" text-anchor="${isRight ? "end" : "start"}">${escapeText(label)}</text>`,
  ];
}

function formatNumber(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString("en-US");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
