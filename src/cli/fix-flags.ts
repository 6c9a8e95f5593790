import { UsageError } from "../usage-error.ts";
import type { FixFlags } from "./describe-fix.ts";
import type { ProcessView } from "./terminal.ts";

const optionsOfRemedies = ["secret", "gateway", "mirror"] as const;

const optionsOf: Record<FixFlags["remedy"], readonly (typeof optionsOfRemedies)[number][]> = {
  login: ["secret"],
  "ecr-public": [],
  "pull-through-cache": ["secret"],
  gateway: ["gateway", "mirror"],
};

/** Throws UsageError where options disagree, or ask for what cannot be done here. */
export function checkFixFlags(flags: FixFlags, process: ProcessView): void {
  const { remedy, secret } = flags;
  if (flags.interactive === true) checkInteractive(flags, process);
  const other = optionsOfRemedies.find((name) => flags[name] !== undefined && !optionsOf[remedy].includes(name));
  if (other !== undefined) throw new UsageError("CHECK_OPTION", `--${other} is not for --remedy ${remedy}`);
  if (remedy === "login") checkSecret(secret);
  else checkSecretArn(secret);
}

function checkInteractive({ json, dryRun }: FixFlags, { stdin, stdout }: ProcessView): void {
  if (json === true || dryRun === true) {
    throw new UsageError("CHECK_OPTION", `--interactive and ${json === true ? "--json" : "--dry-run"} disagree`);
  }
  if (stdin.isTTY === true && stdout.isTTY === true) return;
  throw new UsageError("CHECK_INTERACTIVE", "--interactive asks at a terminal, and there is none", {
    hint: "leave it out, or see the changes with --dry-run",
  });
}

/** Of what Secrets Manager takes as a name; an ARN has no six characters left to stand for. */
function checkSecret(name: string | undefined): void {
  if (name === undefined || /^[\w/+=.@-]{1,512}$/.test(name)) return;
  throw new UsageError("CHECK_SECRET", `--secret takes the name of a secret, not: ${name}`, {
    hint: "for example --secret ci/docker-hub",
  });
}

/** A rule names its secret by the whole ARN, and ECR reads no other names. */
function checkSecretArn(arn: string | undefined): void {
  if (
    arn === undefined ||
    /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:ecr-pullthroughcache\/[\w/+=.@-]+$/.test(arn)
  )
    return;
  throw new UsageError("CHECK_SECRET", `--secret takes the ARN of a secret ecr-pullthroughcache/…, not: ${arn}`, {
    hint: "its keys are username and accessToken; aws secretsmanager describe-secret prints its ARN",
  });
}
