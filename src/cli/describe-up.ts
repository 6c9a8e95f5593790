import type { Command } from "commander";
import { type AccountFlags, addAccountOptions } from "./account-flags.ts";

/** Options and help of `chubo up`. */
export function describeUp(command: Command, run: (flags: AccountFlags) => Promise<void>): void {
  command
    .showHelpAfterError("  hint chubo up --help shows the options")
    .description("keep the same server running, for aws, SDKs, docker, podman");
  addAccountOptions(command).addHelpText("after", examples).action(run);
}

const examples = `
Examples:
  $ chubo up
  $ chubo up --port 4600 --state ~/.local/state/chubo --hub simulated`;
