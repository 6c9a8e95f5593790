import type { Command } from "commander";
import { collect } from "./account-flags.ts";

export interface LimitFlags {
  upstream: string;
  account: string[];
  failBelow?: string;
  state?: string;
  json?: boolean;
}

/** Options and help of `chubo limit`. */
export function describeLimit(command: Command, run: (flags: LimitFlags) => Promise<void>): void {
  command
    .description(
      "ask Docker Hub what is left of the pull limit, for this address and each account found; spends no pull",
    )
    .option("--upstream <NAME[=URL]>", "registry to ask, and where it is reached", "docker.io")
    .option("--account <USER>", "only this identity (`anonymous` is the address); repeat for more", collect, [])
    .option("--fail-below <n>", "exit with 1 where fewer pulls are left")
    .option("--state <dir>", "state directory, where the readings are kept (default: .chubo)")
    .option("--json", "print one JSON object on stdout")
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  $ chubo limit
  $ chubo limit --account anonymous --fail-below 20 && docker build .
  $ CHUBO_UPSTREAM_DOCKER_IO_USERNAME=alice CHUBO_UPSTREAM_DOCKER_IO_PASSWORD=... chubo limit --json | jq .identities

Accounts come from CHUBO_UPSTREAM_DOCKER_IO_USERNAME and _PASSWORD, from the file named by
CHUBO_UPSTREAM_DOCKER_IO_CREDENTIALS_FILE (lines of USER:PASSWORD, or JSON), and from docker's config.json with its
credential helpers.
Exit status: 0 told, 1 fewer than --fail-below, a login refused, or no answer; 2 usage error.`;
