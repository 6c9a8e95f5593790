import { runProgram } from "../run-program.ts";

export interface LoadFigures extends Record<string, number> {
  requestsPerSecond: number;
  bytesPerSecond: number;
  /** Milliseconds. */
  p99: number;
}

/** wrk for some seconds, with one thread: the machines that this is for have two cores. Throws where an answer was no success. */
export async function runWrk(
  url: string,
  { connections, seconds, headers }: { connections: number; seconds: number; headers: Record<string, string> },
): Promise<LoadFigures> {
  const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const words = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "--latency", ...given, url];
  const { stdout } = await runProgram(words, { directory: ".", environment: process.env });
  const failures = /^\s*(Non-2xx or 3xx responses|Socket errors): .*$/m.exec(stdout)?.[0];
  if (failures !== undefined) throw new Error(`${url}: ${failures.trim()}`);
  return {
    requestsPerSecond: Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1]),
    bytesPerSecond: readQuantity(/^Transfer\/sec:\s+(\S+)/m.exec(stdout)?.[1], byteUnits),
    p99: readQuantity(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1], timeUnits),
  };
}

const byteUnits: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };
const timeUnits: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function readQuantity(text: string | undefined, units: Record<string, number>): number {
  const [, number, unit = ""] = /^([\d.]+)([A-Za-z]+)$/.exec(text ?? "") ?? [];
  const factor = units[unit];
  if (number === undefined || factor === undefined) throw new Error(`wrk says ${text ?? "nothing"}`);
  return Number(number) * factor;
}
