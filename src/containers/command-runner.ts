import { randomBytes } from "node:crypto";
import type { Readable, Writable } from "node:stream";

/**
 * Runs commands one after another in a container that is there already: a shell loop, the container's first process, reads
 * which script to run and says how it ended. A `docker exec` for each command would take 60 to 100 ms.
 */
export interface CommandRunner {
  /** Resolves with the exit status; with undefined where the loop itself has ended, and the container with it. */
  run(command: RunnerCommand): Promise<number | undefined>;
  /** A command is running: there is no place for another one. */
  isBusy(): boolean;
}

export interface RunnerCommand {
  shell: "/bin/sh" | "bash";
  /** Paths in the container, without blanks: a script, and a file that exports its variables. */
  file: string;
  variablesFile: string;
  /** Bytes in order of arrival. What comes between two commands, from processes in the background, is shown nowhere. */
  onOutput(chunk: Buffer): void;
}

/**
 * Reads lines `NONCE SHELL FILE VARIABLES-FILE`. It knows them as its positional parameters alone: a variable of the build
 * could have any other name. The nonce is in nobody's environment or arguments, so that no output can look like the end of
 * a command. As the first process of its namespace the loop cannot be killed from within, and reaps what is left behind.
 * `bash` is looked for by the image's PATH: that of a buildspec is not expanded, and often names no directory with a shell.
 */
export const runnerLoop = `exec 2>/dev/null
echo ready
while read -r _chubo; do
  set -- $_chubo
  [ "$2" != bash ] || set -- "$1" "$(command -v bash || echo bash)" "$3" "$4"
  (. "$4"; exec "$2" "$3") </dev/null 2>&1
  echo "$1 $?"
done`;

export const runnerGreeting = "ready\n";

interface Running {
  nonce: Buffer;
  held: Buffer;
  onOutput(chunk: Buffer): void;
  end(status: number | undefined): void;
}

/** Over the streams of the loop, whose greeting has been read. */
export function openCommandRunner({ stdin, stdout }: { stdin: Writable; stdout: Readable }): CommandRunner {
  let running: Running | undefined;
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
    if (running === undefined) return;
    running.onOutput(running.held);
    running.end(undefined);
  };
  stdin.on("error", () => {});
  stdout.on("end", end).on("close", end);
  stdout.on("data", (chunk: Buffer) => {
    if (running !== undefined) take(running, chunk);
  });
  return {
    isBusy: () => running !== undefined,
    async run({ shell, file, variablesFile, onOutput }) {
      if (hasEnded) return undefined;
      if (running !== undefined) throw new Error("a command is running already");
      const nonce = randomBytes(16).toString("hex");
      try {
        return await new Promise<number | undefined>((resolve) => {
          running = { nonce: Buffer.from(nonce), held: Buffer.alloc(0), onOutput, end: resolve };
          stdin.write(`${nonce} ${shell} ${file} ${variablesFile}\n`);
        });
      } finally {
        running = undefined;
      }
    },
  };
}

/** Gives output on up to the nonce. Only what may be the beginning of one is held back until more comes. */
function take(running: Running, chunk: Buffer): void {
  const { nonce } = running;
  const bytes = running.held.length === 0 ? chunk : Buffer.concat([running.held, chunk]);
  const found = bytes.indexOf(nonce);
  const start = found === -1 ? bytes.length - heldLength(bytes, nonce) : found;
  if (start > 0) running.onOutput(bytes.subarray(0, start));
  running.held = bytes.subarray(start);
  if (found === -1) return;
  const status = /^ (\d+)\n/.exec(running.held.toString("latin1", nonce.length, nonce.length + 8));
  if (status === null) return;
  running.held = Buffer.alloc(0);
  running.end(Number(status[1]));
}

/** How many of the last bytes a nonce begins with. */
function heldLength(bytes: Buffer, nonce: Buffer): number {
  for (let length = Math.min(bytes.length, nonce.length - 1); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(nonce.subarray(0, length))) return length;
  }
  return 0;
}

/** Names that a shell keeps for itself, or refuses: with one of these a command is started by the engine. */
const shellNames =
  /^(?:_|_chubo|IFS|PPID|UID|EUID|GROUPS|OPTIND|OPTARG|LINENO|RANDOM|SECONDS|SHLVL|FUNCNAME|DIRSTACK|BASH\w*|SHELLOPTS)$/;

/** A file that exports the variables; undefined where a shell cannot. */
export function formatVariables(variables: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(variables);
  if (names.some((name) => !/^[A-Za-z_]\w*$/.test(name) || shellNames.test(name))) return undefined;
  return names.map((name) => `export ${name}='${variables[name]?.replaceAll("'", `'\\''`)}'\n`).join("");
}
