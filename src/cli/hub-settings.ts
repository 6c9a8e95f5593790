import { resolve } from "node:path";
import type { SimulatorOptions } from "../docker-hub/simulator-options.ts";
import { UsageError } from "../usage-error.ts";
import type { HubFlags } from "./describe-hub.ts";
import { parseByteCount, parseHostAndPort, parseHubAccount, parseWholeNumber } from "./options.ts";

export interface HubSettings {
  host: string;
  port: number;
  simulator: Omit<SimulatorOptions, "now" | "listen" | "port">;
}

const day = 86_400;
const million = 1_000_000;

/** Throws UsageError CONFIG_…. */
export function hubSettings(flags: HubFlags, currentDirectory: string): HubSettings {
  const number = (option: string, text: string | undefined, from: number, to: number) =>
    text === undefined ? undefined : parseWholeNumber(option, text, { from, to });
  const limit = number("--limit", flags.limit, 0, million);
  const remaining = number("--remaining", flags.remaining, 0, million);
  if (remaining !== undefined && remaining > (limit ?? 100)) {
    throw new UsageError("CONFIG_NUMBER", `--remaining ${remaining} is more than the limit of ${limit ?? 100}`, {
      hint: `--limit ${remaining} --remaining ${remaining}`,
    });
  }
  const counting = {
    windowSeconds: number("--window", flags.window, 1, 30 * day),
    window: flags.windowKind as "rolling" | "fixed",
    manifestGetsPerPull: Number(flags.getsPerPull) as 1 | 2,
    countRejected: flags.countRejected ?? false,
  };
  return {
    ...placeOf(flags),
    simulator: {
      accounts: (flags.account ?? []).map((text) => parseHubAccount(text, "--account")),
      trustForwardedFor: flags.trustForwardedFor ?? false,
      anonymous: present({ ...counting, limit }),
      personal: present(counting),
      ...present({
        remaining,
        headerWindow: number("--header-window", flags.headerWindow, 1, 30 * day),
        abuseLimit: number("--abuse-limit", flags.abuseLimit, 0, million),
        retryAfter: number("--retry-after", flags.retryAfter, 0, day),
        latency: number("--latency", flags.latency, 0, 600_000),
        bytesPerSecond: flags.bandwidth === undefined ? undefined : parseByteCount("--bandwidth", flags.bandwidth),
        imagesDirectory: flags.images === undefined ? undefined : resolve(currentDirectory, flags.images),
      }),
    },
  };
}

function placeOf({ listen, port }: HubFlags): { host: string; port: number } {
  if (listen === undefined) {
    const chosen = port === undefined ? 5080 : parseWholeNumber("--port", port, { from: 0, to: 65_535 });
    return { host: "127.0.0.1", port: chosen };
  }
  if (port !== undefined) {
    throw new UsageError("CONFIG_LISTEN", "--listen holds the port already: --port cannot stand beside it");
  }
  return parseHostAndPort("--listen", listen);
}

/** Without the members that are undefined, so that defaults stay. */
function present<Members extends object>(members: Members) {
  type Present = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present;
}
