import { appendEvents, eventOverhead, type NewEvent } from "./append-events.ts";
import type { LogPlace } from "./logs-arn.ts";
import { checkGroupName, checkStreamName } from "./logs-input.ts";
import { addGroup, addStream, groupKey, type LogStreamRecord, type LogsStore, streamKey } from "./logs-store.ts";

/**
 * Lines wait for each other this long, so that a build of many lines makes few transactions: each writes the stream's record
 * and its last chunk anew. In UTF-16 code units, as the waiting text is held.
 */
const flushAfter = { milliseconds: 200, text: 4 * 1024 * 1024 };

/** In bytes; a longer line becomes several events. CloudWatch Logs counts the event's overhead in. */
const maxLine = 256 * 1024 - eventOverhead;

/** A UTF-16 code unit is three bytes of UTF-8 at the most. */
const mostBytes = 3;

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
  let waitingText = 0;
  const lines = openLineReader((event) => {
    waiting.push(event);
    waitingText += event.message.length;
  });
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    logs.transaction(() => appendEvents(logs, ensure(), waiting, now()));
    waiting.length = 0;
    waitingText = 0;
  }
  ensure();
  return {
    write(text, time) {
      if (isClosed) throw new Error(`log stream ${stream} is closed`);
      lines.read(text, time);
      if (waitingText >= flushAfter.text) flush();
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
      for (let start = 0, next = 0; start < text.length; start = next) {
        const newline = text.indexOf("\n", start);
        next = newline === -1 ? text.length : newline + 1;
        let message = (unfinished?.message ?? "") + text.slice(start, next);
        const timestamp = unfinished?.timestamp ?? time.getTime();
        for (let cut = endOfEvent(message); cut < message.length; cut = endOfEvent(message)) {
          emit({ timestamp, message: message.slice(0, cut) });
          message = message.slice(cut);
        }
        unfinished = { timestamp, message };
        if (newline !== -1) end();
      }
    },
  };
}

/** How much of a line one event holds; not half a character. */
function endOfEvent(line: string): number {
  if (line.length * mostBytes <= maxLine || Buffer.byteLength(line) <= maxLine) return line.length;
  const { read } = new TextEncoder().encodeInto(line, new Uint8Array(maxLine));
  return read;
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
