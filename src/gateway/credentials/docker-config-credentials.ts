import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Credentials } from "../identity.ts";
import { askCredentialHelper, type HelperSurroundings } from "./credential-helper.ts";
import { type CredentialSource, CredentialsUnavailable, credentialKeys } from "./credential-source.ts";

/** https://docs.docker.com/reference/cli/docker/login/#credential-stores */
interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string; username?: string; password?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/** `$DOCKER_CONFIG/config.json`, or the one in the home directory; undefined where neither is known. */
export function findDockerConfig(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  if (variables.DOCKER_CONFIG) return join(variables.DOCKER_CONFIG, "config.json");
  return variables.HOME ? join(variables.HOME, ".docker", "config.json") : undefined;
}

/** What `docker login` left for one registry, in the file itself or with a credential helper. */
export function dockerConfigCredentials(
  registry: string,
  file: string,
  surroundings: HelperSurroundings,
): CredentialSource {
  const description = `the docker config ${file}`;
  return {
    description,
    async read() {
      const config = await readConfig(file, description);
      const found = (await askHelpers(config, registry, surroundings)) ?? findInFile(config, registry, description);
      return found === undefined ? [] : [found];
    },
  };
}

async function readConfig(file: string, description: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return {};
    throw new CredentialsUnavailable(`${description} cannot be read: ${code}`);
  }
  try {
    const config = JSON.parse(text) as DockerConfig | null;
    if (typeof config === "object" && config !== null) return config;
  } catch {
    // Said below, without the parser's message, which quotes the text.
  }
  throw new CredentialsUnavailable(`${description} is not a JSON object`);
}

/** A registry's own helper goes before the store for all, as in docker. */
async function askHelpers(config: DockerConfig, registry: string, surroundings: HelperSurroundings) {
  const keys = credentialKeys(registry);
  const ownKey = keys.find((key) => config.credHelpers?.[key] !== undefined);
  const helper = ownKey === undefined ? config.credsStore : config.credHelpers?.[ownKey];
  if (helper === undefined || helper === "") return undefined;
  // docker notes the key, without secret, where a store holds it: the others are asked only where it has not.
  const noted = keys.filter((key) => config.auths?.[key] !== undefined);
  const asked =
    noted.length > 0 ? noted : ownKey === undefined ? keys.slice(0, 1) : [...new Set([ownKey, ...keys.slice(0, 1)])];
  for (const key of asked) {
    const found = await askCredentialHelper(helper, key, surroundings);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInFile({ auths = {} }: DockerConfig, registry: string, description: string): Credentials | undefined {
  for (const key of credentialKeys(registry)) {
    const entry = auths[key];
    if (entry === undefined) continue;
    const basic = decodeAuth(entry, `${description}, entry ${key},`);
    if (entry.identitytoken) {
      const username = basic?.username || "<token>";
      return { username, password: entry.identitytoken, isRefreshToken: true };
    }
    if (basic !== undefined && basic.password !== "") return basic;
  }
  return undefined;
}

type AuthEntry = NonNullable<DockerConfig["auths"]>[string];

function decodeAuth({ auth, username, password }: AuthEntry, what: string): Credentials | undefined {
  if (!auth) return username && password ? { username, password } : undefined;
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw new CredentialsUnavailable(`${what} is not base64 of USER:PASSWORD`);
  // Old docker versions padded it with zero bytes.
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, "") };
}
