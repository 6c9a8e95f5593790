import type { GetSecretValue } from "./secret-credentials.ts";

export interface AwsSecretOptions {
  /** Of a secret that is given by name; an ARN names its own. */
  region?: string;
  endpoint?: string;
}

/** Reads from AWS itself, with the credentials that the SDK finds. The client is loaded at the first read. */
export function awsSecretValue({ region, endpoint }: AwsSecretOptions): GetSecretValue {
  return async (secretId) => {
    const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
    const ownRegion = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secretId)?.[1] ?? region;
    const client = new SecretsManagerClient({
      ...(ownRegion === undefined ? {} : { region: ownRegion }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    try {
      return (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
    } finally {
      client.destroy();
    }
  };
}
