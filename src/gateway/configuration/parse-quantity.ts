import type { ConfigValue } from "../../configuration/config-value.ts";

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const binaryUnits: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** `20s`, `10m`, `1h`, `30d` in milliseconds, `0` too; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  return text === "0" ? 0 : parseQuantity(text, durationUnits);
}

/** `50GB`, `1.5GiB` in bytes; undefined for what is none. */
export function parseByteSize(text: string): number | undefined {
  const size = parseQuantity(text, { ...sizeUnits, ...binaryUnits });
  return size === undefined ? undefined : Math.floor(size);
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)\s?([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.entries(units).find(([name]) => name.toLowerCase() === unit.toLowerCase())?.[1];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** Milliseconds. */
export function getDuration(value: ConfigValue): number {
  const milliseconds = parseDuration(value.text());
  if (milliseconds !== undefined) return milliseconds;
  throw value.refusal(`${value.path} is no duration: ${value.text()}`, "such as 20s, 10m, 1h, 30d, or 0");
}

export function getByteSize(value: ConfigValue): number {
  const bytes = parseByteSize(value.text());
  if (bytes !== undefined && bytes > 0) return bytes;
  throw value.refusal(`${value.path} is no size: ${value.text()}`, "such as 50GB or 20GiB");
}
