import { accountId } from "./account-tier.ts";
import { type DockerHubRules, limitFor } from "./docker-hub-rules.ts";
import type { PullCounter } from "./pull-counter.ts";
import { getsLeaving, type PullLimit } from "./pull-limit.ts";
import { addressKey } from "./pull-limit-key.ts";

/** Whose pulls: an account by its user name, or whoever comes from an address. */
export type Puller = { account: string } | { address: string };

export interface PullerState {
  account?: string;
  address?: string;
  limit: number;
  windowSeconds: number;
  remaining: number;
}

/** What others do to a limit, in a test's or a person's hand. Throws an Error for an account without a limit. */
export interface PullControl {
  /** As if all but this many pulls had just been spent by others. */
  setRemaining(remaining: number, puller: Puller): void;
  /** Pulls that others make now; what is beyond the limit is refused to them. */
  spend(pulls: number, puller: Puller): void;
  /** Everybody who was counted so far. */
  list(): PullerState[];
}

export function createPullControl(rules: DockerHubRules, counter: PullCounter, now: () => number): PullControl {
  function find(puller: Puller): { key: string; limit: PullLimit } {
    if ("address" in puller) return { key: addressKey(puller.address), limit: rules.anonymous };
    const account = rules.accounts.find(({ user }) => user === puller.account);
    if (account === undefined) throw new Error(`there is no account ${puller.account}`);
    const limit = limitFor(account, rules);
    if (limit === undefined) throw new Error(`${puller.account} is of tier ${account.tier}, which has no limit`);
    return { key: accountId(account.user), limit };
  }

  function describe(key: string): PullerState {
    const account = rules.accounts.find(({ user }) => accountId(user) === key)?.user;
    const { limit, windowSeconds } = account === undefined ? rules.anonymous : rules.personal;
    const remaining = counter.remaining(key, now(), account === undefined ? rules.anonymous : rules.personal);
    return { ...(account === undefined ? { address: key } : { account }), limit, windowSeconds, remaining };
  }

  return {
    setRemaining(remaining, puller) {
      const { key, limit } = find(puller);
      counter.replace(key, getsLeaving(remaining, now(), limit));
    },
    spend(pulls, puller) {
      const { key, limit } = find(puller);
      // More than the whole limit changes nothing, but for retries that count, and those no more than a limit's worth.
      const gets = Math.min(pulls, 2 * limit.limit) * limit.manifestGetsPerPull;
      for (let get = 0; get < gets; get++) counter.count(key, now(), limit);
    },
    list: () => counter.keys().map(describe),
  };
}
