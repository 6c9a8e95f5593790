import { appendEvents, type NewEvent } from "./append-events.ts";
import type { LogPlace } from "./logs-arn.ts";
import { checkGroupName, checkStreamName } from "./logs-input.ts";
import { addGroup, addStream, groupKey, type LogStreamRecord, type LogsStore, streamKey } from "./logs-store.ts";

/** Lines wait for each other this long, so that a build of many lines makes few transactions. */
const flushAfter = { milliseconds: 200, events: 500 };
/** In UTF-16 code units; a longer line becomes several events. AWS's limit is a mebibyte. */
const maxLine = 256 * 1024;

/** Writes to a log stream from inside this process. */
export interface LogStreamWriter {
  /**
   * Text as it comes, cut anywhere: every line becomes an event, with its line break and the time of its first part. An
   * unfinished line waits for its end. Readers see a line within 200 ms.
   */
  write(text: string, time: Date): void;
  /** Every finished line is durable. */
  flush(): void;
  /** Ends an unfinished line as it is, and flushes; what is written later is an error. */
  close(): void;
}

export interface LogStreamTarget extends LogPlace {
  group: string;
  stream: string;
}

/**
 * Makes the group and the stream where they are not there. Nobody is asked for permission: whoever opens a stream for a
 * build asks the authorizer first. Events go on to a stream that was deleted meanwhile, by making it again.
 */
export function openLogStream(
  { logs, now }: { logs: LogsStore; now(): Date },
  target: LogStreamTarget,
): LogStreamWriter {
  const group = checkGroupName(target.group);
  const stream = checkStreamName(target.stream);
  const ensure = () => ensureStream(logs, { ...target, group, stream }, now());
  const waiting: NewEvent[] = [];
  const lines = openLineReader((event) => waiting.push(event));
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    logs.transaction(() => appendEvents(logs, ensure(), waiting, now()));
    waiting.length = 0;
  }
  ensure();
  return {
    write(text, time) {
      if (isClosed) throw new Error(`log stream ${stream} is closed`);
      lines.read(text, time);
      if (waiting.length >= flushAfter.events) flush();
      else if (waiting.length > 0) timer ??= setTimeout(flush, flushAfter.milliseconds).unref();
    },
    flush,
    close() {
      lines.end();
      flush();
      isClosed = true;
    },
  };
}

/** Puts lines together from text that is cut anywhere. */
function openLineReader(emit: (event: NewEvent) => void): { read(text: string, time: Date): void; end(): void } {
  let unfinished: NewEvent | undefined;
  const end = () => {
    if (unfinished) emit(unfinished);
    unfinished = undefined;
  };
  return {
    end,
    read(text, time) {
      for (const part of text.match(/[^\n]*\n|[^\n]+/g) ?? []) {
        for (let start = 0; start < part.length; start += maxLine) {
          const message = (unfinished?.message ?? "") + part.slice(start, start + maxLine);
          unfinished = { timestamp: unfinished?.timestamp ?? time.getTime(), message };
          if (message.endsWith("\n") || message.length >= maxLine) end();
        }
      }
    },
  };
}

function ensureStream(
  logs: LogsStore,
  { region, account, group: groupName, stream }: LogStreamTarget,
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
