import type { AwsApi } from "../aws-api/aws-api.ts";
import type { Principal } from "../aws-api/service.ts";
import type { PullLedger } from "../gateway/forward/pull-ledger.ts";
import type { Credentials, Identity } from "../gateway/identities/identity.ts";
import type { OpenUpstreamClient } from "../gateway/upstream/create-upstream-client.ts";
import { RegistryError } from "../registry/registry-error.ts";
import type { UpstreamRegistries, UpstreamRegistry } from "../services/ecr/pull-through/upstream-registry.ts";
import { enterPull } from "./enter-pull.ts";
import type { Hub } from "./hub.ts";

export interface EcrUpstreamsOptions {
  hub: Hub;
  pulls: PullLedger;
  readSecret(arn: string): Promise<string | undefined>;
}

const simulated: readonly string[] = ["docker.io", "public.ecr.aws"];

/** As AWS words it: https://github.com/aws/containers-roadmap/issues/2354 */
const loginRefused =
  "The authentication to the upstream registry failed. Verify that the credentials provided in the pull through cache rule are correct, and try again.";

/** ECR's pulls go where the builds' own go, and stand in the same ledger. What they need is loaded with the first. */
export function openEcrUpstreams({ hub, pulls, readSecret }: EcrUpstreamsOptions): UpstreamRegistries {
  async function identityFor(credentialArn: string | undefined): Promise<Identity> {
    if (credentialArn === undefined) return { name: "anonymous" };
    // With the last secret's value at each import: somebody may have changed it.
    const credentials = parseSecret(await readSecret(credentialArn));
    return { name: credentials.username, credentials: async () => credentials };
  }

  return {
    readSecret,
    async use({ registry, credentialArn }, work) {
      const { refusalOf } = await import("../gateway/refusal.ts");
      const client = await openClient({ hub, pulls }, registry, await identityFor(credentialArn));
      try {
        return await work(upstreamOf(client));
      } catch (error) {
        const refusal = refusalOf(error);
        if (!(refusal instanceof RegistryError) || refusal.code !== "DENIED") throw refusal;
        throw new RegistryError("DENIED", { message: loginRefused, cause: error });
      } finally {
        client.close();
      }
    },
  };
}

async function openClient(
  { hub, pulls }: Pick<EcrUpstreamsOptions, "hub" | "pulls">,
  name: string,
  identity: Identity,
): Promise<OpenUpstreamClient> {
  const [{ createUpstreamClient }, { openIdentityPool }] = await Promise.all([
    import("../gateway/upstream/create-upstream-client.ts"),
    import("../gateway/identities/identity-pool.ts"),
  ]);
  // Other registries have no simulator.
  const baseUrl = simulated.includes(name) ? hub.baseUrl(name) : `https://${name}`;
  return createUpstreamClient({
    name,
    now: Date.now,
    pool: openIdentityPool([identity], { now: Date.now }),
    ...(baseUrl === `https://${name}` ? {} : { baseUrl }),
    onExchange: (exchange) => enterPull(pulls, exchange),
  });
}

function upstreamOf({ headManifest, getManifest, getBlob }: OpenUpstreamClient): UpstreamRegistry {
  return {
    headManifest,
    getManifest,
    getBlob: async (repository, digest) => (await getBlob(repository, digest, 0))?.body,
  };
}

/** Both keys are fixed: https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html */
function parseSecret(text: string | undefined): Credentials {
  const { username, accessToken } = readObject(text);
  if (typeof username === "string" && typeof accessToken === "string" && username !== "" && accessToken !== "") {
    return { username, password: accessToken };
  }
  throw new RegistryError("DENIED", { message: loginRefused, detail: "the secret lacks username or accessToken" });
}

function readObject(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Told above, without the text: it holds a password.
    return {};
  }
}

/** ECR reads it by its own service-linked role, whoever pulls. Undefined for one that holds bytes. */
export async function readSecret(api: AwsApi, root: Principal, arn: string): Promise<string | undefined> {
  const region = arn.split(":")[3] ?? "";
  const input = { SecretId: arn };
  const output = await api.call<{ SecretString?: string }>("secretsmanager", "GetSecretValue", input, root, region);
  return output.SecretString;
}
