import { Readable } from "node:stream";
import type { Fault, FaultRule } from "./fault.ts";
import { errorAnswer, type SimulatedAnswer, textAnswer } from "./simulated-answer.ts";
import { blobOf, type SimulatedBlob } from "./simulated-images.ts";

/** Rules that wait for their requests. */
export interface FaultInjection {
  add(rule: FaultRule): void;
  clear(): void;
  /** Rules that have requests left, with `times` counted down. */
  list(): FaultRule[];
  /** The fault of the first rule that meets the request, which is spent by it. */
  take(request: { method: string; host: string; path: string }): Fault | undefined;
}

export function createFaultInjection(given: readonly FaultRule[]): FaultInjection {
  let rules: (FaultRule & { times: number; pattern: RegExp })[] = [];
  const add = (rule: FaultRule) => void rules.push({ ...rule, times: rule.times ?? 1, pattern: patternOf(rule.path) });
  for (const rule of given) add(rule);
  return {
    add,
    clear() {
      rules = [];
    },
    list: () => rules.map(({ pattern: _, ...rule }) => rule),
    take({ method, host, path }) {
      const name = host.replace(/:\d+$/, "");
      const rule = rules.find(
        (candidate) =>
          candidate.pattern.test(path) &&
          [undefined, method].includes(candidate.method) &&
          [undefined, name].includes(candidate.host),
      );
      if (rule === undefined) return undefined;
      rule.times -= 1;
      rules = rules.filter(({ times }) => times > 0);
      return rule.fault;
    },
  };
}

function patternOf(path: string): RegExp {
  const literal = path.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*")}$`, "s");
}

/** The answer that a fault gives in place of the registry's; undefined for faults that only change how it arrives. */
export function findReplacement(fault: Fault | undefined, ownUrl: string): SimulatedAnswer | undefined {
  switch (fault?.kind) {
    case "html":
      return {
        status: 200,
        headers: { "content-type": "text/html; charset=utf-8" },
        body: "<!doctype html><title>Sign in</title><p>Please sign in to use this network.\n",
      };
    case "status":
      return statusAnswer(fault.status, fault.retryAfter);
    case "redirect-loop":
      return { status: 307, headers: { location: ownUrl }, body: "" };
    case "redirect":
      return { status: 307, headers: { location: fault.to }, body: "" };
    default:
      return undefined;
  }
}

function statusAnswer(status: number, retryAfter: number | undefined): SimulatedAnswer {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  if (status === 429) return errorAnswer(429, "TOOMANYREQUESTS", "Too Many Requests", { headers });
  return textAnswer(status, `${status}\n`, headers);
}

/** The answer with the wrong content, for faults that are about content. */
export function spoilAnswer(answer: SimulatedAnswer, fault: Fault | undefined): SimulatedAnswer {
  if (fault?.kind !== "wrong-digest" && fault?.kind !== "wrong-length") return answer;
  const { body } = answer;
  const isBlob = typeof body !== "string" && !Buffer.isBuffer(body);
  if (fault.kind === "wrong-length") {
    return { ...answer, body: isBlob ? lengthened(body) : Buffer.concat([Buffer.from(body), Buffer.from("\n")]) };
  }
  return { ...answer, body: isBlob ? changed(body) : changeText(Buffer.from(body)) };
}

function lengthened(blob: SimulatedBlob): SimulatedBlob {
  return joined(blob, blobOf(Buffer.from("\n")));
}

function changed(blob: SimulatedBlob): SimulatedBlob {
  const first = { size: blob.size - 1, read: blob.read };
  return joined(first, blobOf(Buffer.from("?")));
}

function joined(first: SimulatedBlob, second: SimulatedBlob): SimulatedBlob {
  async function* read(start: number, end: number): AsyncGenerator<Buffer> {
    if (start < first.size) yield* first.read(start, Math.min(end, first.size));
    if (end > first.size) yield* second.read(Math.max(0, start - first.size), end - first.size);
  }
  return { size: first.size + second.size, read: (start, end) => Readable.from(read(start, end)) };
}

/** JSON stays JSON: the last digit of the last digest in it becomes another one. */
function changeText(content: Buffer): Buffer {
  const digest = [...content.toString("latin1").matchAll(/[0-9a-f]{64}"/g)].at(-1);
  const place = digest === undefined ? content.length - 1 : digest.index + 63;
  const other = Buffer.from(content);
  other[place] = content[place] === 0x30 ? 0x31 : 0x30;
  return other;
}
