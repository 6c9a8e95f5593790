import { UsageError } from "../usage-error.ts";

/** An account of the simulated Docker Hub: `--hub-account USER:PASSWORD:TIER`. */
export interface HubAccount {
  user: string;
  password: string;
  tier: HubTier;
}

const hubTiers = ["personal", "pro", "team", "business"] as const;
export type HubTier = (typeof hubTiers)[number];

/** The password may hold colons; the user name and the tier cannot. The message never shows the password. */
export function parseHubAccount(text: string): HubAccount {
  const first = text.indexOf(":");
  const last = text.lastIndexOf(":");
  const tier = hubTiers.find((name) => name === text.slice(last + 1));
  if (first <= 0 || last <= first + 1 || tier === undefined) {
    throw new UsageError("CONFIG_HUB_ACCOUNT", "--hub-account takes USER:PASSWORD:TIER", {
      hint: `TIER is one of ${hubTiers.join(", ")}, as in --hub-account alice:correct-horse:personal`,
    });
  }
  return { user: text.slice(0, first), password: text.slice(first + 1, last), tier };
}

export function parseWholeNumber(option: string, text: string, range: { from: number; to: number }): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.from && value <= range.to) return value;
  throw new UsageError("CONFIG_NUMBER", `${option} takes a whole number from ${range.from} to ${range.to}: ${text}`);
}

export function parseRegion(text: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(text)) return text;
  throw new UsageError("CONFIG_REGION", `--region does not look like an AWS region: ${text}`, {
    hint: "for example ap-northeast-1 or us-east-1",
  });
}

export function parseAccountId(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new UsageError("CONFIG_ACCOUNT", `--account takes an AWS account ID of 12 digits: ${text}`);
}
