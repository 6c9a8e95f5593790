import type { IncomingMessage } from "node:http";
import { isLoopback } from "./client-address.ts";
import { parseFaultRule } from "./fault.ts";
import type { FaultInjection } from "./fault-injection.ts";
import type { PullControl, Puller } from "./pull-control.ts";
import type { RequestLog } from "./request-log.ts";
import { jsonAnswer, type SimulatedAnswer } from "./simulated-answer.ts";

/** What stands below `/_chubo/hub/`. */
export interface ControlParts {
  pulls: PullControl;
  faults: FaultInjection;
  log: RequestLog;
}

type Body = Record<string, unknown>;
type Operation = (parts: ControlParts, body: Body, requester: string) => unknown;

const controlPath = "/_chubo/hub/";
const maximumBody = 64 * 1024;
const maximumPulls = 1_000_000;

const operations: Record<string, Operation> = {
  "GET state": ({ pulls, faults, log }) => ({
    pulls: pulls.list(),
    faults: faults.list(),
    requests: log.list().length,
  }),
  "GET requests": ({ log }) => log.list(),
  "POST spend"({ pulls }, body, requester) {
    pulls.spend(countOf(body, "pulls"), pullerOf(body, requester));
    return { pulls: pulls.list() };
  },
  "POST remaining"({ pulls }, body, requester) {
    pulls.setRemaining(countOf(body, "remaining"), pullerOf(body, requester));
    return { pulls: pulls.list() };
  },
  "POST faults"({ faults }, body) {
    faults.add(parseFaultRule(body));
    return { faults: faults.list() };
  },
  "DELETE faults"({ faults }) {
    faults.clear();
    return { faults: [] };
  },
};

/** Answers a path below `/_chubo/hub/`. `requester` is the address that is meant where the body names nobody. */
export async function answerControl(
  parts: ControlParts,
  request: IncomingMessage,
  path: string,
  requester: string,
): Promise<SimulatedAnswer> {
  if (!isOwnUser(request)) return failed(403, "the control API is for programs on this machine");
  const name = path.slice(controlPath.length);
  const operation = operations[`${request.method} ${name}`];
  if (operation === undefined) {
    const isThere = Object.keys(operations).some((key) => key.endsWith(` ${name}`));
    if (isThere) return failed(405, `${request.method} is not for ${name}`);
    return failed(404, `there is only ${Object.keys(operations).join(", ")}`);
  }
  try {
    return jsonAnswer(operation(parts, await readBody(request), requester));
  } catch (error) {
    return failed(400, error instanceof Error ? error.message : String(error));
  }
}

/** A page in a browser on this machine comes from loopback as well: it sends its Origin, or another host's name. */
function isOwnUser(request: IncomingMessage): boolean {
  const { host = "", origin } = request.headers;
  const isOwnName = /^(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/i.test(host);
  return isLoopback(request) && isOwnName && origin === undefined;
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBody) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  const value: unknown = size === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString("utf8"));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Body;
  throw new Error("the body is no JSON object");
}

function pullerOf({ account, address }: Body, requester: string): Puller {
  if (typeof account === "string") return { account };
  if (typeof address === "string") return { address };
  if (account === undefined && address === undefined) return { address: requester };
  throw new Error("account and address are texts");
}

function countOf(body: Body, name: string): number {
  const value = body[name];
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maximumPulls)
    return value as number;
  throw new Error(`${name} is a whole number from 0 to ${maximumPulls}`);
}

function failed(status: number, message: string): SimulatedAnswer {
  return { ...jsonAnswer({ message }), status };
}
