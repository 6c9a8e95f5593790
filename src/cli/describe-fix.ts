import { type Command, Option } from "commander";

export const remedyNames = ["login", "ecr-public", "pull-through-cache", "gateway"] as const;

export interface FixFlags {
  remedy: (typeof remedyNames)[number];
  source?: string;
  secret?: string;
  gateway?: string;
  mirror?: boolean;
  dryRun?: boolean;
  interactive?: boolean;
  json?: boolean;
}

/** Options and help of `chubo fix`. */
export function describeFix(command: Command, run: (path: string | undefined, flags: FixFlags) => Promise<void>): void {
  command
    .description("mend what chubo check finds: a login before the pulls, or the same images from elsewhere")
    .argument("[path]", "directory or file to mend", ".")
    .addOption(new Option("--remedy <remedy>", "what to do").choices(remedyNames).makeOptionMandatory())
    .option("--source <dir>", "folder in it that the templates' builds take as their source")
    .option("--secret <name>", "a secret that is there already: its name for login, its ARN for pull-through-cache")
    .option("--gateway <HOST:PORT>", "gateway: where builds reach it (default: 127.0.0.1:5000)")
    .option("--mirror", "gateway: as the mirror of each build's docker; references stay as they are")
    .option("--dry-run", "show the changes, and change nothing")
    .option("--interactive", "ask about each change at the terminal: y, n, a, q")
    .option("--json", "print one JSON object on stdout")
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  $ chubo fix --remedy ecr-public --dry-run       what would change
  $ chubo fix --remedy ecr-public                 official images from public.ecr.aws/docker/library
  $ chubo fix --remedy ecr-public --interactive   change by change
  $ chubo fix --remedy login --source app         secret, permission, variables and command, in template and buildspec
  $ chubo fix --remedy login --secret ci/hub      the same, with a secret that is there already
  $ chubo fix --remedy gateway --gateway https://gateway.example    builds pull through chubo gateway
  $ chubo fix --remedy pull-through-cache         Docker Hub's images through the account's own ECR, which keeps them

Only what has to change is changed: comments and formatting stay. A second run changes nothing.
Exit status: 0 mended or nothing to do, 1 something is left to a person, 2 usage error.`;
