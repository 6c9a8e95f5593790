import type { Command } from "commander";
import { type AccountFlags, addAccountOptions, collect } from "./account-flags.ts";

export interface UpFlags extends AccountFlags {
  source?: string[];
}

/** Options and help of `chubo up`. */
export function describeUp(command: Command, run: (flags: UpFlags) => Promise<void>): void {
  command
    .showHelpAfterError("  hint chubo up --help shows the options")
    .description("keep the same server running, for aws, SDKs, docker, podman")
    .option(
      "--source <[URL=]dir>",
      "directory that stands in for a repository of CodeBuild's projects; repeat for more",
      collect,
    );
  addAccountOptions(command).addHelpText("after", examples).action(run);
}

const examples = `
Examples:
  $ chubo up
  $ chubo up --source https://github.com/owner/app=.
  $ chubo up --port 4600 --state ~/.local/state/chubo --hub simulated`;
