import { spawn } from "node:child_process";

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Milliseconds since 1970, with fractions. */
  startedAt: number;
  endedAt: number;
}

/** Runs a program to its end. Throws with what it said where it does not end with status 0. */
export function runProgram(
  words: readonly string[],
  options: { directory: string; environment: Record<string, string | undefined> },
): Promise<Ended> {
  const [program, ...rest] = words as [string, ...string[]];
  const startedAt = performance.timeOrigin + performance.now();
  const child = spawn(program, rest, {
    cwd: options.directory,
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      const endedAt = performance.timeOrigin + performance.now();
      if (status === 0) resolve({ status, ...said, startedAt, endedAt });
      else reject(new Error(`${words.join(" ")} ended with ${status}\n${said.stdout}\n${said.stderr}`));
    });
  });
}
