import { type Command, Option } from "commander";

/** Options that `run` and `up` share. */
export interface AccountFlags {
  engine: string;
  environment: string;
  hub?: string;
  hubRemaining?: string;
  hubAccount?: string[];
  gateway?: boolean;
  region?: string;
  account: string;
  state?: string;
  port?: string;
}

export function addAccountOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--environment <kind>", "where builds run").choices(["auto", "host", "container"]).default("auto"),
    )
    .addOption(
      new Option("--engine <kind>", "container engine of privileged builds")
        .choices(["auto", "docker", "podman"])
        .default("auto"),
    )
    .addOption(
      new Option(
        "--hub <kind>",
        "the real Docker Hub, or the simulated one; live, unless a setting of the other is given",
      ).choices(["live", "simulated"]),
    )
    .option("--hub-remaining <n>", "simulated Docker Hub: anonymous pulls left for this address")
    .option("--hub-account <USER:PASSWORD:TIER>", "simulated Docker Hub: an account; repeat for more", collect)
    .option("--gateway", "pull through the state directory's gateway: what was pulled before needs no Docker Hub")
    .option("--region <region>", "AWS region (default: AWS_REGION, or us-east-1)")
    .option("--account <id>", "AWS account ID", "123456789012")
    .option("--state <dir>", "state directory (default: .chubo)")
    .option("--port <n>", "port of the server (default: 4566, for `run` the next free one)");
}

export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}
