import type { SimulatedRequest } from "../docker-hub/request-log.ts";
import type { Terminal } from "./terminal.ts";

/** One line for a person: when, who, what, the answer, and what it cost. */
export function formatHubRequest(request: SimulatedRequest, { style }: Pick<Terminal, "style">): string {
  const { time, address, account, method, path, status, fault } = request;
  const clock = new Date(time).toISOString().slice(11, 19);
  const who = `${address} ${account ?? "anonymous"}`;
  const answer = status === 0 ? style("red", "none") : style(colourOf(status), String(status));
  const words = [style("dim", clock), who.padEnd(25), method.padEnd(4), shortPath(path), answer];
  const cost = costOf(request);
  if (cost !== undefined) words.push(cost);
  if (fault !== undefined) words.push(style("magenta", `fault: ${fault}`));
  return words.join("  ");
}

function colourOf(status: number): Parameters<Terminal["style"]>[0] {
  if (status === 429) return ["red", "bold"];
  if (status >= 400 && status !== 401) return "red";
  return status === 200 || status === 206 ? "green" : "dim";
}

function costOf({ counted, remaining, status }: SimulatedRequest): string | undefined {
  if (remaining === undefined) return counted ? "counted" : undefined;
  if (status === 429) return counted ? `refused and counted, ${remaining} left` : `refused, ${remaining} left`;
  return counted ? `counted, ${remaining} left` : `free, ${remaining} left`;
}

/** The parts by which people know a request; digests are cut. */
function shortPath(path: string): string {
  const [, hex] = /\/blobs\/sha256\/[0-9a-f]{2}\/([0-9a-f]{12})[0-9a-f]*\/data$/.exec(path) ?? [];
  if (hex !== undefined) return `content sha256:${hex}…`;
  return path.replace(/^\/v2\/(?=.)/, "").replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/, "$1…");
}
