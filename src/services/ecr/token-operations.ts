import type { EcrOperations, EcrRoom } from "./operations.ts";
import { registryHost } from "./repository.ts";
import { onAnything } from "./repository-permission.ts";

export function tokenOperations({ tokens, account }: EcrRoom): EcrOperations {
  return {
    GetAuthorizationToken: {
      permissions: onAnything,
      run({ registryIds = [account] }, { principal, region }) {
        const { password, expiresAt } = tokens.issue(principal);
        const authorizationToken = Buffer.from(`AWS:${password}`).toString("base64");
        return {
          authorizationData: registryIds.map((registryId) => ({
            authorizationToken,
            expiresAt,
            proxyEndpoint: `https://${registryHost({ account: registryId, region })}`,
          })),
        };
      },
    },
    DescribeRegistry: {
      permissions: onAnything,
      run: () => ({ registryId: account, replicationConfiguration: { rules: [] } }),
    },
  };
}
