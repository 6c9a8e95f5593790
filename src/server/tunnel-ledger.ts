/** Traffic for a host that the port does not serve: passed on unread, and counted. */
export interface TunnelRecord {
  /** `tunnel` for CONNECT, `forward` for a plain HTTP request. */
  kind: "tunnel" | "forward";
  host: string;
  port: number;
  /** Bytes towards the host: all of a tunnel's, the body's of a forwarded request. */
  bytesUp: number;
  bytesDown: number;
  /** When it began: milliseconds since 1970. */
  time: number;
}

export interface TunnelLedger {
  /** Begins a record; `read` tells its bytes as long as it is open, `close` fixes them. */
  open(start: Omit<TunnelRecord, "bytesUp" | "bytesDown">, read: () => ByteCounts): { close(): void };
  /** Open ones included, oldest first. */
  list(): TunnelRecord[];
}

type ByteCounts = Pick<TunnelRecord, "bytesUp" | "bytesDown">;

/** A server that runs for weeks keeps the newest records only. */
const keptRecords = 10_000;

export function openTunnelLedger(onClose: (record: TunnelRecord) => void): TunnelLedger {
  const entries = new Set<() => TunnelRecord>();
  const keep = (entry: () => TunnelRecord) => {
    entries.add(entry);
    if (entries.size > keptRecords) entries.delete(entries.values().next().value as () => TunnelRecord);
  };
  return {
    open(start, read) {
      const live = () => ({ ...start, ...read() });
      let isOpen = true;
      keep(live);
      const close = () => {
        if (!isOpen) return;
        isOpen = false;
        const record = live();
        // The closure holds two sockets; the plain record does not.
        if (entries.delete(live)) keep(() => record);
        onClose(record);
      };
      return { close };
    },
    list: () => [...entries].map((entry) => entry()).sort((one, other) => one.time - other.time),
  };
}
