import type { Credentials } from "../identities/identity.ts";
import { type CredentialSource, CredentialsUnavailable } from "./credential-source.ts";

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com`, in China with `.cn`. */
const ecrHost = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * ECR's own password for a private registry, from AWS with the credentials that the SDK finds; it lasts 12 hours and is
 * asked for again as its user sees fit. Undefined for any other registry.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
export function findEcrAuthorization(registry: string, endpoint?: string): CredentialSource | undefined {
  const [, registryId, region] = ecrHost.exec(registry) ?? [];
  if (registryId === undefined || region === undefined) return undefined;
  const description = `ECR's authorization token for ${registry}`;
  return {
    description,
    async read() {
      try {
        return [await askToken({ region, ...(endpoint === undefined ? {} : { endpoint }) }, registryId)];
      } catch (cause) {
        const { name, message } = cause as Error;
        throw new CredentialsUnavailable(`${description} cannot be had: ${name}: ${message}`, { cause });
      }
    },
  };
}

async function askToken(place: { region: string; endpoint?: string }, registryId: string): Promise<Credentials> {
  const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const client = new ECRClient(place);
  try {
    const { authorizationData = [] } = await client.send(
      new GetAuthorizationTokenCommand({ registryIds: [registryId] }),
    );
    const pair = Buffer.from(authorizationData[0]?.authorizationToken ?? "", "base64").toString("utf8");
    const colon = pair.indexOf(":");
    if (colon < 1) throw new Error("the answer holds no token");
    return { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
  } finally {
    client.destroy();
  }
}
