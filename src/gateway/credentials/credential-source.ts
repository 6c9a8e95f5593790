import type { Credentials } from "../identity.ts";

/** One place that holds credentials for one upstream registry. */
export interface CredentialSource {
  /** For messages: `the docker config /root/.docker/config.json`. Never a secret. */
  description: string;
  /** Of all its accounts for the registry, as they are now; none where it has none. Throws CredentialsUnavailable. */
  read(): Promise<Credentials[]>;
}

/** A source cannot be read, or what it holds has no known form. The message never shows what it holds. */
export class CredentialsUnavailable extends Error {
  override readonly name = "CredentialsUnavailable";
}

/** Docker Hub stands in docker's files and helpers under the first of these, in others under any of them. */
const dockerHubKeys = [
  "https://index.docker.io/v1/",
  "https://index.docker.io/v1",
  "index.docker.io",
  "docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
  "https://registry-1.docker.io",
  "https://registry-1.docker.io/v2/",
  "https://docker.io",
  "https://index.docker.io",
  "https://index.docker.io/v2/",
];

/** The keys that a registry's credentials may have in docker's config and helpers, the usual one first. */
export function credentialKeys(registry: string): readonly string[] {
  if (registry === "docker.io") return dockerHubKeys;
  return [
    registry,
    `https://${registry}`,
    `https://${registry}/`,
    `https://${registry}/v1/`,
    `https://${registry}/v2/`,
  ];
}
