import type { ConfigValue } from "../../configuration/config-value.ts";
import { parseImageReference } from "../../oci/image-reference.ts";
import { UsageError } from "../../usage-error.ts";
import { findEcrAuthorization } from "../credentials/ecr-authorization.ts";
import type { IdentityConfig, TagRule, UpstreamConfig } from "./gateway-config.ts";
import { getDuration } from "./parse-quantity.ts";

const fallbacks = ["digest", "tag", "off"] as const;
const plainIdentities = ["anonymous", "environment", "docker-config", "aws"] as const;
const identityHint =
  "one of anonymous, environment, docker-config, aws, {username, passwordFile}, {username, password}, {credentialsFile}, " +
  "{helper}, {secret}";

export function parseUpstreamConfig(key: string, value: ConfigValue): UpstreamConfig {
  const name = parseUpstreamName(key, value);
  if (value.isEmpty()) return { name };
  const fields = value.fields(["url", "ca", "identities", "allow", "tags", "fallback"]);
  const { url, ca, identities, allow, tags, fallback } = fields;
  if (fallback !== undefined && name !== "docker.io") {
    throw fallback.refusal(`${name} has no fallback: only docker.io's official images are elsewhere, too`);
  }
  return {
    name,
    ...(url === undefined ? {} : { url: parseUpstreamUrl(url) }),
    ...(ca === undefined ? {} : { ca: ca.text() }),
    ...(identities === undefined ? {} : { identities: parseIdentities(name, identities) }),
    ...(allow === undefined ? {} : { allow: allow.list().map((pattern) => pattern.text()) }),
    ...(tags === undefined ? {} : { tags: tags.list().map(parseTagRule) }),
    ...(fallback === undefined ? {} : { fallback: getWord(fallback, fallbacks) }),
  };
}

/** Docker Hub under each of its names; undefined for what no reference could name. */
export function findUpstreamName(text: string): string | undefined {
  try {
    const { registry, repository } = parseImageReference(`${text.toLowerCase()}/a/b`);
    return repository === "a/b" ? registry : undefined;
  } catch {
    return undefined;
  }
}

/** `--upstream NAME=URL`, or NAME alone. */
export function parseUpstreamOption(text: string): UpstreamConfig {
  const equals = text.indexOf("=");
  const name = findUpstreamName(equals < 0 ? text : text.slice(0, equals));
  if (name === undefined) {
    throw new UsageError("CONFIG_UPSTREAM", "--upstream takes NAME=URL, where NAME is a registry's host", {
      hint: "for example --upstream docker.io=http://127.0.0.1:5100",
    });
  }
  return equals < 0 ? { name } : { name, url: text.slice(equals + 1) };
}

function parseUpstreamName(key: string, value: ConfigValue): string {
  const name = findUpstreamName(key);
  if (name !== undefined) return name;
  throw value.refusal(
    `${key} is no name of a registry`,
    "the host as references have it: docker.io, registry.example:5000",
  );
}

/** A URL may hold a password: it is not shown. Its form is checked where it is used. */
function parseUpstreamUrl(value: ConfigValue): string {
  const url = URL.parse(value.text());
  if (url?.protocol === "http:" || url?.protocol === "https:") return value.text();
  throw value.refusal(`${value.path} is not http(s)://HOST or http(s)://HOST:PORT`);
}

function parseIdentities(name: string, value: ConfigValue): IdentityConfig[] {
  const identities = value.list().map((identity) => parseIdentity(name, identity));
  if (identities.length === 0) throw value.refusal(`${value.path} is empty: nobody could pull`, identityHint);
  return identities;
}

function parseIdentity(name: string, value: ConfigValue): IdentityConfig {
  if (value.findText() !== undefined) {
    const kind = getWord(value, plainIdentities);
    if (kind !== "aws" || findEcrAuthorization(name) !== undefined) return { kind };
    throw value.refusal(`${name} is no private registry of ECR`, "ACCOUNT.dkr.ecr.REGION.amazonaws.com is one");
  }
  const fields = value.fields(["username", "password", "passwordFile", "credentialsFile", "helper", "secret"]);
  const { username, password, passwordFile, credentialsFile, helper, secret } = fields;
  const names = Object.keys(fields).sort().join(", ");
  if (names === "password, username" && username && password) {
    return { kind: "account", account: { username: username.text(), password: password.text() } };
  }
  if (names === "passwordFile, username" && username && passwordFile) {
    return { kind: "password-file", username: username.text(), file: passwordFile.text() };
  }
  if (names === "credentialsFile" && credentialsFile) return { kind: "credentials-file", file: credentialsFile.text() };
  if (names === "helper" && helper) return { kind: "helper", helper: helper.text() };
  if (names === "secret" && secret) return { kind: "secret", secretId: secret.text() };
  throw value.refusal(`${value.path} is no identity`, identityHint);
}

function parseTagRule(value: ConfigValue): TagRule {
  const { match, timeToLive } = value.fields(["match", "timeToLive"]);
  if (match !== undefined && timeToLive !== undefined) {
    return { match: match.text(), timeToLive: getDuration(timeToLive) };
  }
  throw value.refusal(
    `${value.path} needs match and timeToLive`,
    'as in { match: "library/*:latest", timeToLive: 10m }',
  );
}

function getWord<Word extends string>(value: ConfigValue, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === value.findText());
  if (word !== undefined) return word;
  throw value.refusal(`${value.path} is not one of ${words.join(", ")}`);
}
