import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../../usage-error.ts";
import type { UpstreamSettings } from "../open-upstreams.ts";
import { defaultTagRules, type TagRule, type UpstreamConfig, wellKnownRegistries } from "./gateway-config.ts";
import { compilePattern } from "./name-pattern.ts";
import { type IdentitySurroundings, openUpstreamIdentities } from "./open-identities.ts";

/** Milliseconds. After a failed question the upstream is left alone for so long, and a slow one is waited for so long. */
const pauseAfterFailure = 30_000;
const patience = 5_000;

/** What is configured, and the well-known registries that are not. */
export function withWellKnown(configured: readonly UpstreamConfig[]): UpstreamConfig[] {
  const missing = wellKnownRegistries.filter((name) => configured.every((upstream) => upstream.name !== name));
  return [...configured, ...missing.map((name) => ({ name }))];
}

export function openUpstreamSettings(
  configs: readonly UpstreamConfig[],
  surroundings: IdentitySurroundings,
): Promise<UpstreamSettings[]> {
  return Promise.all(
    configs.map(async (config) => ({
      name: config.name,
      ...(config.url === undefined ? {} : { baseUrl: config.url }),
      ...(config.ca === undefined ? {} : { ca: await readAuthorities(resolve(surroundings.directory, config.ca)) }),
      identities: await openUpstreamIdentities(config, surroundings),
      tags: { timeToLive: timeToLiveOf(config.tags ?? []), pauseAfterFailure, patience },
      fallback: config.fallback ?? "digest",
    })),
  );
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Checked here, since OpenSSL would pass over what it cannot read. */
async function readAuthorities(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError("CONFIG_CA", `the authorities cannot be read: ${code}`, { file, cause });
  }
  const certificates = text.match(pemCertificate) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    if (certificates.length > 0) return certificates;
  } catch (cause) {
    throw new UsageError("CONFIG_CA", "a certificate in it cannot be read", { file, cause });
  }
  throw new UsageError("CONFIG_CA", "no certificate in PEM is in it", { file });
}

/** The owner's rules go before the usual ones. */
function timeToLiveOf(rules: readonly TagRule[]): (repository: string, tag: string) => number {
  const compiled = [...rules, ...defaultTagRules].map(({ match, timeToLive }) => ({
    pattern: compilePattern(match),
    timeToLive,
  }));
  return (repository, tag) => {
    const name = `${repository}:${tag}`;
    return compiled.find(({ pattern }) => pattern.test(name))?.timeToLive ?? 0;
  };
}

/** Whether a repository of an upstream may be pulled, by its owner's patterns; all of an upstream without them. */
export function createAllowList(configs: readonly UpstreamConfig[]): (registry: string, repository: string) => boolean {
  const allowed = new Map(configs.map(({ name, allow }) => [name, allow?.map(compilePattern)]));
  return (registry, repository) => allowed.get(registry)?.some((pattern) => pattern.test(repository)) ?? true;
}
