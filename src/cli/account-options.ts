import { tmpdir } from "node:os";
import { resolve } from "node:path";
import type { AccountOptions } from "../server/account.ts";
import type { AccountFlags } from "./account-flags.ts";
import { parseAccountId, parseHubAccount, parseRegion, parseWholeNumber } from "./options.ts";
import type { ProcessView } from "./terminal.ts";

type Settings = Omit<
  AccountOptions,
  | "state"
  | "projectFile"
  | "durable"
  | "buildObserver"
  | "onStackEvent"
  | "onNote"
  | "onDefect"
  | "nextFree"
  | "dockerClients"
>;

/** What `run` and `up` have in common of an account's options. Throws UsageError CONFIG_…. */
export function accountSettings(flags: AccountFlags, process: ProcessView): Settings & { stateRoot: string } {
  return {
    account: parseAccountId(flags.account),
    region: regionOf(flags, process),
    port: flags.port === undefined ? 4566 : parseWholeNumber("--port", flags.port, { from: 0, to: 65535 }),
    environment: flags.environment as Settings["environment"],
    engine: flags.engine as Settings["engine"],
    hub: hubOf(flags),
    gateway: flags.gateway ?? false,
    variables: process.variables,
    path: process.variables.PATH ?? "",
    temporaryDirectory: tmpdir(),
    stateRoot: resolve(process.currentDirectory, flags.state ?? ".chubo"),
  };
}

function regionOf({ region }: AccountFlags, { variables }: ProcessView): string {
  if (region !== undefined) return parseRegion(region);
  const name = ["AWS_REGION", "AWS_DEFAULT_REGION"].find((variable) => variables[variable]);
  return name === undefined ? "us-east-1" : parseRegion(variables[name] as string, name);
}

/** Settings of the simulated Docker Hub mean nothing for the real one, so they imply it. */
function hubOf({ hub, hubRemaining, hubAccount = [] }: AccountFlags): Settings["hub"] {
  const accounts = hubAccount.map((text) => parseHubAccount(text));
  const isSimulated = hub === "simulated" || (hub === undefined && (hubRemaining !== undefined || accounts.length > 0));
  if (!isSimulated) return { kind: "live" };
  if (hubRemaining === undefined) return { kind: "simulated", accounts };
  return {
    kind: "simulated",
    accounts,
    remaining: parseWholeNumber("--hub-remaining", hubRemaining, { from: 0, to: 1_000_000 }),
  };
}
