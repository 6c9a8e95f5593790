import { resolve } from "node:path";
import { askLimit, type LimitAnswer } from "../gateway/ask-limit.ts";
import { anonymousIdentity, openCredentialIdentities } from "../gateway/credentials/credential-identities.ts";
import { dockerConfigCredentials, findDockerConfig } from "../gateway/credentials/docker-config-credentials.ts";
import { environmentCredentials } from "../gateway/credentials/environment-credentials.ts";
import type { Identity } from "../gateway/identities/identity.ts";
import { createHttpUpstream } from "../gateway/upstream/upstream.ts";
import { type UpstreamRegistry, upstreamRegistries } from "../gateway/upstream/upstream-hosts.ts";
import { keepLimitReadings } from "../server/limit-readings.ts";
import { UsageError } from "../usage-error.ts";
import type { LimitFlags } from "./describe-limit.ts";
import { isBelow, printLimits } from "./limit-table.ts";
import { parseWholeNumber } from "./options.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

const silenceMilliseconds = 15_000;

/** `chubo limit`: what is left, for the address and each account. */
export async function limitCommand(flags: LimitFlags, process: ProcessView): Promise<number> {
  const { registry, baseUrl } = parseUpstream(flags.upstream);
  const failBelow =
    flags.failBelow === undefined
      ? undefined
      : parseWholeNumber("--fail-below", flags.failBelow, { from: 0, to: 1_000_000_000 });
  const errors = openTerminal(process, process.stderr);
  const identities = await findIdentities(flags.account, registry, process, (message) =>
    errors.line(`note: ${message}`),
  );
  const answers = await askAll(identities, registry, baseUrl);
  keepReadings(resolve(process.currentDirectory, flags.state ?? ".chubo"), registry, answers, (message) =>
    errors.line(`note: ${message}`),
  );
  const below = answers.filter((answer) => isBelow(answer, failBelow));
  if (flags.json === true) {
    const result = { upstream: registry.name, identities: answers, below: below.map(({ identity }) => identity) };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    printLimits(openTerminal(process, process.stdout), registry.name, answers);
  }
  for (const { identity, remaining } of below) {
    errors.line(`${errors.style("red", "below")} ${identity} has ${remaining} pulls left, fewer than ${failBelow}`);
  }
  const isAnswered = answers.every(({ outcome }) => outcome === "told" || outcome === "unlimited");
  return isAnswered && below.length === 0 ? exitStatus.succeeded : exitStatus.failed;
}

/** `docker.io`, or `docker.io=http://127.0.0.1:5000`, where all hosts of the registry are reached. */
function parseUpstream(text: string): { registry: UpstreamRegistry; baseUrl: string | undefined } {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const baseUrl = equals < 0 ? undefined : text.slice(equals + 1);
  const registry = upstreamRegistries.find((known) => known.name === name);
  if (registry?.name !== "docker.io") {
    throw new UsageError("CONFIG_UPSTREAM", `--upstream: ${name} does not tell what is left of a limit`, {
      hint: "only docker.io does, as --upstream docker.io or --upstream docker.io=URL",
    });
  }
  if (baseUrl !== undefined && !(URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol))) {
    throw new UsageError("CONFIG_UPSTREAM", "--upstream takes NAME=URL with an http or https URL", {
      hint: "for example --upstream docker.io=http://127.0.0.1:5000",
    });
  }
  return { registry, baseUrl };
}

async function findIdentities(
  wanted: readonly string[],
  { name }: UpstreamRegistry,
  { variables }: ProcessView,
  onNote: (message: string) => void,
): Promise<Identity[]> {
  const dockerConfig = findDockerConfig(variables);
  const sources = [
    environmentCredentials(name, variables),
    ...(dockerConfig === undefined ? [] : [dockerConfigCredentials(name, dockerConfig, { variables })]),
  ];
  const onUnavailable = ({ message }: Error) => onNote(message);
  const accounts = await openCredentialIdentities(sources, { now: Date.now, onUnavailable });
  const all = [anonymousIdentity, ...accounts];
  const missing = wanted.find((user) => all.every((identity) => identity.name !== user));
  if (missing !== undefined) {
    throw new UsageError("CONFIG_UPSTREAM_ACCOUNT", `no credentials were found for ${missing} at ${name}`, {
      hint: `looked in ${sources.map(({ description }) => description).join(" and ")}`,
    });
  }
  return wanted.length === 0 ? all : all.filter((identity) => wanted.includes(identity.name));
}

async function askAll(identities: Identity[], registry: UpstreamRegistry, base: string | undefined) {
  const baseUrl = (host: string) => base ?? `https://${host}`;
  const http = createHttpUpstream({ baseUrl, silenceMilliseconds });
  const options = { ask: http.ask, registry, now: Date.now, signal: new AbortController().signal };
  try {
    return await Promise.all(identities.map((identity) => askLimit(identity, options)));
  } finally {
    http.close();
  }
}

/** What was asked for has been told: a directory that cannot be written is no reason to fail. */
function keepReadings(
  root: string,
  registry: UpstreamRegistry,
  answers: readonly LimitAnswer[],
  onNote: (message: string) => void,
): void {
  const readings = answers.flatMap(({ time, identity, remaining, limit, windowSeconds, source }) => {
    if (remaining === undefined || limit === undefined) return [];
    const optional = {
      ...(windowSeconds === undefined ? {} : { windowSeconds }),
      ...(source === undefined ? {} : { source }),
    };
    return [{ time, upstream: registry.name, identity, remaining, limit, ...optional }];
  });
  try {
    keepLimitReadings(root, readings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    onNote(`the readings are not kept: ${error.message}`);
  }
}
