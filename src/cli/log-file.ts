import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A build's whole log, for its user. */
export interface LogFile {
  write(text: string): void;
  close(): void;
}

/** Written as it comes: what a stream would gather grows with the output wherever the disk is slower than the build. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file: number | undefined = openSync(path, "w", 0o600);
  const close = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    write(text) {
      if (file !== undefined) writeSync(file, text);
    },
    close,
  };
}
