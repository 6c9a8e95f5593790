import { appendEvents, type NewEvent } from "./append-events.ts";
import type { LogPlace } from "./logs-arn.ts";
import { checkGroupName, checkStreamName } from "./logs-input.ts";
import { addGroup, addStream, groupKey, type LogStreamRecord, type LogsStore, streamKey } from "./logs-store.ts";

/** Lines wait for each other this long, so that a build of many lines makes few transactions. */
const flushAfter = { milliseconds: 200, events: 500 };

/** Writes to a log stream from inside this process. */
export interface LogStreamWriter {
  /** `message` as it is to be read, with its line break where it has one. Readers see it within 200 ms. */
  write(message: string, time: Date): void;
  /** Everything written so far is durable. */
  flush(): void;
  /** Flushes; what is written later is an error. */
  close(): void;
}

/**
 * Makes the group and the stream where they are not there. Nobody is asked for permission: whoever opens a stream for a
 * build asks the authorizer first. Events go on to a stream that was deleted meanwhile, by making it again.
 */
export function openLogStream(
  { logs, now }: { logs: LogsStore; now(): Date },
  target: LogPlace & { group: string; stream: string },
): LogStreamWriter {
  const group = checkGroupName(target.group);
  const stream = checkStreamName(target.stream);
  let waiting: NewEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const ensure = () => ensureStream(logs, { ...target, group, stream }, now());

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    logs.transaction(() => appendEvents(logs, ensure(), waiting, now()));
    waiting = [];
  }
  ensure();
  return {
    write(message, time) {
      if (isClosed) throw new Error(`log stream ${stream} is closed`);
      waiting.push({ timestamp: time.getTime(), message });
      if (waiting.length >= flushAfter.events) flush();
      else timer ??= setTimeout(flush, flushAfter.milliseconds).unref();
    },
    flush,
    close() {
      flush();
      isClosed = true;
    },
  };
}

function ensureStream(
  logs: LogsStore,
  { region, account, group: groupName, stream }: LogPlace & { group: string; stream: string },
  now: Date,
): LogStreamRecord {
  return logs.transaction(() => {
    const found = logs.streams.get(streamKey(region, groupName, stream));
    if (found) return found;
    const group =
      logs.groups.get(groupKey(region, groupName)) ??
      addGroup(logs, { region, account }, { name: groupName, tags: {}, now });
    return addStream(logs, group, stream, now);
  });
}
