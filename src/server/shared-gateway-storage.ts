import { join } from "node:path";
import { parseBucketPlace } from "../gateway/configuration/replica-places.ts";
import { openSharedContent } from "../gateway/replicas/open-shared-content.ts";
import type { GatewayLayout } from "../store/state-layout.ts";
import { UsageError } from "../usage-error.ts";
import type { GatewayObserver } from "./gateway-events.ts";
import type { GatewayStorage } from "./gateway-storage.ts";

export interface SharedStorageOptions {
  /** `s3://BUCKET/PREFIX`. */
  content: string;
  /** `redis://…`; without it the replicas share what they have pulled, and each asks for itself. */
  ledger?: string;
  redirectBlobs: boolean;
  variables: Readonly<Record<string, string | undefined>>;
  observer: GatewayObserver;
  now(): number;
}

/** What several replicas share, in the place of this machine's disk. */
export async function openSharedGatewayStorage(
  layout: GatewayLayout,
  options: SharedStorageOptions,
): Promise<GatewayStorage> {
  const { ledger: url, redirectBlobs, variables, observer, now } = options;
  const endpoint = variables.AWS_ENDPOINT_URL_S3 ?? variables.AWS_ENDPOINT_URL;
  const shared = await openSharedContent({
    s3: {
      ...parseBucketPlace(options.content),
      ...{ scratch: join(layout.root, "scratch"), redirectBlobs },
      ...(endpoint === undefined ? {} : { endpoint }),
    },
    ...(url === undefined ? {} : { redis: { url } }),
    ...{ ledgerFile: layout.ledger, now },
    onRedisAway: (error) => observer.onNote(`Redis is away, this replica goes on alone: ${(error as Error).message}`),
    onRedisBack: () => observer.onNote("Redis is back"),
    onLedgerDefect: observer.onDefect,
  });
  return {
    ...shared,
    pin() {
      throw new UsageError("CONFIG_PINS", "nothing is pinned in a bucket: what goes is up to its lifecycle rules");
    },
    // The bucket's lifecycle rules do that.
    collectGarbage: async () => undefined,
  };
}
