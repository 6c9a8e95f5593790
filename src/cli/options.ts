import { UsageError } from "../usage-error.ts";

/** An account of the simulated Docker Hub: `--hub-account USER:PASSWORD:TIER`, `--account` of `chubo hub`. */
export interface HubAccount {
  user: string;
  password: string;
  tier: HubTier;
}

const hubTiers = ["personal", "pro", "team", "business"] as const;
export type HubTier = (typeof hubTiers)[number];

/** The password may hold colons; the user name and the tier cannot. The message never shows the password. */
export function parseHubAccount(text: string, option = "--hub-account"): HubAccount {
  const first = text.indexOf(":");
  const last = text.lastIndexOf(":");
  const tier = hubTiers.find((name) => name === text.slice(last + 1));
  if (first <= 0 || last <= first + 1 || tier === undefined) {
    throw new UsageError("CONFIG_HUB_ACCOUNT", `${option} takes USER:PASSWORD:TIER`, {
      hint: `TIER is one of ${hubTiers.join(", ")}, as in ${option} alice:correct-horse:personal`,
    });
  }
  return { user: text.slice(0, first), password: text.slice(first + 1, last), tier };
}

export function parseWholeNumber(option: string, text: string, range: { from: number; to: number }): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.from && value <= range.to) return value;
  throw new UsageError("CONFIG_NUMBER", `${option} takes a whole number from ${range.from} to ${range.to}: ${text}`, {
    hint: `for example ${option} ${range.from}`,
  });
}

/** A number with a fraction or without. */
export function parseDecimal(option: string, text: string, range: { from: number; to: number }): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= range.from && value <= range.to) return value;
  throw new UsageError("CONFIG_NUMBER", `${option} takes a number from ${range.from} to ${range.to}: ${text}`, {
    hint: `for example ${option} ${range.from}`,
  });
}

/** `500k`, `20m`, or bytes; k is 1000. */
export function parseByteCount(option: string, text: string): number {
  const [, digits, unit = ""] = /^(\d{1,9})([km]?)$/i.exec(text) ?? [];
  const count = Number(digits) * { "": 1, k: 1000, m: 1_000_000 }[unit.toLowerCase() as "" | "k" | "m"];
  if (count > 0) return count;
  throw new UsageError("CONFIG_NUMBER", `${option} takes bytes, such as 500k or 20m: ${text}`);
}

/** `127.0.0.1:5080`, `[::1]:5080`. */
export function parseHostAndPort(option: string, text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(digits) > 65_535) {
    throw new UsageError("CONFIG_LISTEN", `${option} takes HOST:PORT: ${text}`, { hint: `${option} 127.0.0.1:5080` });
  }
  return { host, port: Number(digits) };
}

/** `origin` is the option or variable that the text comes from. */
export function parseRegion(text: string, origin = "--region"): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(text)) return text;
  throw new UsageError("CONFIG_REGION", `${origin} is no name of an AWS region: ${text}`, {
    hint: "for example ap-northeast-1 or us-east-1",
  });
}

export function parseAccountId(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new UsageError("CONFIG_ACCOUNT", `--account takes an AWS account ID of 12 digits: ${text}`, {
    hint: "for example 123456789012",
  });
}
