import type * as Sdk from "@aws-sdk/client-cloudwatch-logs";
import type { Operations } from "../../aws-api/service.ts";
import { eventOperations } from "./event-operations.ts";
import { groupOperations } from "./group-operations.ts";
import type { LogsDeps } from "./operation-row.ts";
import { streamOperations } from "./stream-operations.ts";

/** CloudWatch Logs: groups, streams and events. Metric filters, subscriptions, queries and live tail are not here. */
export function logsOperations(deps: LogsDeps) {
  return {
    ...groupOperations(deps),
    ...streamOperations(deps),
    ...eventOperations(deps),
  } satisfies Operations<typeof Sdk>;
}
