import type { Permission } from "../../aws-api/service.ts";
import type { Store } from "../../store/store.ts";
import { type LogStreamTarget, type LogStreamWriter, openLogStream } from "./log-stream-writer.ts";
import { logStreamArn } from "./logs-arn.ts";
import { groupKey, openLogsStore, streamKey } from "./logs-store.ts";
import { logsOperations } from "./operations.ts";

export interface Logs {
  operations: ReturnType<typeof logsOperations>;
  /** For writers inside this process; see log-stream-writer.ts. */
  openLogStream(target: LogStreamTarget): LogStreamWriter;
  /** What whoever opens the stream needs: to make the group and the stream only where they are not there yet. */
  permissionsToWrite(target: LogStreamTarget): Permission[];
}

export function createLogs({ store, now }: { store: Store; now(): Date }): Logs {
  const logs = openLogsStore(store);
  const deps = { logs, now };
  return {
    operations: logsOperations(deps),
    openLogStream: (target) => openLogStream(deps, target),
    permissionsToWrite(target) {
      const { region, group, stream } = target;
      const needsGroup = logs.groups.get(groupKey(region, group)) === undefined;
      const needsStream = logs.streams.get(streamKey(region, group, stream)) === undefined;
      const resource = logStreamArn(target, group, stream);
      return [
        ...(needsGroup ? [{ action: "logs:CreateLogGroup", resource: logStreamArn(target, group) }] : []),
        ...(needsStream ? [{ action: "logs:CreateLogStream", resource }] : []),
        { action: "logs:PutLogEvents", resource },
      ];
    },
  };
}
