import { createHash } from "node:crypto";

/** Docker's subscriptions, https://docs.docker.com/docker-hub/usage/ */
export type AccountTier = "personal" | "pro" | "team" | "business";

export interface DockerHubAccount {
  user: string;
  password: string;
  tier: AccountTier;
}

/** Pulls in one window that the documentation names; the length of the window is a setting of its own. */
export const documentedLimits = { anonymous: 100, personal: 200, windowSeconds: 21_600 } as const;

/** Pro, Team and Business pull without a limit: their answers carry no ratelimit headers. */
export function isUnlimited(tier: AccountTier): boolean {
  return tier !== "personal";
}

/** Stable, and in the form of the UUID that Docker Hub knows an account by. */
export function accountId(user: string): string {
  const hex = createHash("sha256").update(`account ${user}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
