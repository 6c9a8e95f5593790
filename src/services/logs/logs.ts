import type { Store } from "../../store/store.ts";
import { type LogStreamWriter, openLogStream } from "./log-stream-writer.ts";
import type { LogPlace } from "./logs-arn.ts";
import { openLogsStore } from "./logs-store.ts";
import { logsOperations } from "./operations.ts";

export interface Logs {
  operations: ReturnType<typeof logsOperations>;
  /** For writers inside this process; see log-stream-writer.ts. */
  openLogStream(target: LogPlace & { group: string; stream: string }): LogStreamWriter;
}

export function createLogs({ store, now }: { store: Store; now(): Date }): Logs {
  const deps = { logs: openLogsStore(store), now };
  return { operations: logsOperations(deps), openLogStream: (target) => openLogStream(deps, target) };
}
