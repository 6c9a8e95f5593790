import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../../usage-error.ts";
import { awsSecretValue } from "../credentials/aws-secret-value.ts";
import { configCredentials } from "../credentials/config-credentials.ts";
import { askCredentialHelper } from "../credentials/credential-helper.ts";
import { anonymousIdentity, openCredentialIdentities } from "../credentials/credential-identities.ts";
import { type CredentialSource, CredentialsUnavailable, credentialKeys } from "../credentials/credential-source.ts";
import { dockerConfigCredentials, findDockerConfig } from "../credentials/docker-config-credentials.ts";
import { findEcrAuthorization } from "../credentials/ecr-authorization.ts";
import { environmentCredentials } from "../credentials/environment-credentials.ts";
import { fileCredentials } from "../credentials/file-credentials.ts";
import { secretCredentials } from "../credentials/secret-credentials.ts";
import type { Identity } from "../identities/identity.ts";
import type { IdentityConfig, UpstreamConfig } from "./gateway-config.ts";

export interface IdentitySurroundings {
  variables: Readonly<Record<string, string | undefined>>;
  /** Files of the configuration are named from here on. */
  directory: string;
  now(): number;
  /** A source that cannot be read, without its secrets. */
  onNote(message: string): void;
}

/** An owner who says nothing is asked as nobody in particular, and as the account that the environment holds. */
const defaultIdentities: readonly IdentityConfig[] = [{ kind: "environment" }, { kind: "anonymous" }];

/** Throws CONFIG_UPSTREAM_ACCOUNT where nobody is left to ask as. */
export async function openUpstreamIdentities(
  { name, identities = defaultIdentities }: UpstreamConfig,
  surroundings: IdentitySurroundings,
): Promise<Identity[]> {
  const { now, onNote } = surroundings;
  const sources = identities.flatMap((identity) => sourceOf(name, identity, surroundings) ?? []);
  const onUnavailable = ({ message }: Error) => onNote(`${name}: ${message}`);
  const accounts = sources.length === 0 ? [] : await openCredentialIdentities(sources, { now, onUnavailable });
  const all = identities.some(({ kind }) => kind === "anonymous") ? [...accounts, anonymousIdentity] : accounts;
  if (all.length > 0) return all;
  throw new UsageError("CONFIG_UPSTREAM_ACCOUNT", `no credentials were found for ${name}`, {
    hint: `looked in ${sources.map(({ description }) => description).join(" and ")}; \`anonymous\` is not among its identities`,
  });
}

/** Undefined for anonymous, which no source holds. */
function sourceOf(
  registry: string,
  identity: IdentityConfig,
  { variables, directory }: IdentitySurroundings,
): CredentialSource | undefined {
  switch (identity.kind) {
    case "anonymous":
      return undefined;
    case "environment":
      return environmentCredentials(registry, variables);
    case "docker-config": {
      const file = findDockerConfig(variables);
      return file === undefined ? undefined : dockerConfigCredentials(registry, file, { variables });
    }
    case "aws":
      return findEcrAuthorization(registry);
    case "account":
      return configCredentials([identity.account]);
    case "password-file":
      return passwordFileCredentials(identity.username, resolve(directory, identity.file));
    case "credentials-file":
      return fileCredentials(resolve(directory, identity.file));
    case "helper":
      return helperCredentials(registry, identity.helper, variables);
    case "secret": {
      const region = variables.AWS_REGION ?? variables.AWS_DEFAULT_REGION;
      return secretCredentials(identity.secretId, awsSecretValue(region === undefined ? {} : { region }));
    }
  }
}

/** The password alone, as a mounted secret has it; the line end after it is none of it. */
function passwordFileCredentials(username: string, file: string): CredentialSource {
  const description = `the password file ${file}`;
  return {
    description,
    async read() {
      try {
        const password = (await readFile(file, "utf8")).replace(/\r?\n$/, "");
        if (password !== "") return [{ username, password }];
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new CredentialsUnavailable(`${description} cannot be read: ${code}`, { cause: error });
      }
      throw new CredentialsUnavailable(`${description} is empty`);
    },
  };
}

function helperCredentials(
  registry: string,
  helper: string,
  variables: IdentitySurroundings["variables"],
): CredentialSource {
  const [key = registry] = credentialKeys(registry);
  return {
    description: `docker-credential-${helper}`,
    async read() {
      const found = await askCredentialHelper(helper, key, { variables });
      return found === undefined ? [] : [found];
    },
  };
}
