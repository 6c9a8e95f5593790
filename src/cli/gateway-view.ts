import type { BudgetWarning } from "../gateway/identities/budget-warnings.ts";
import type { UpstreamExchange } from "../gateway/upstream/upstream-exchange.ts";
import type { GatewayObserver, ServedRequest } from "../server/gateway-events.ts";
import type { GatewayFlags } from "./describe-gateway.ts";
import { openTerminal, type ProcessView, type Terminal } from "./terminal.ts";

/** How a gateway tells what it does: lines for people, JSON lines, or warnings alone. */
export function openGatewayView({ jsonLog, quiet }: GatewayFlags, process: ProcessView): GatewayObserver {
  const errors = openTerminal(process, process.stderr);
  if (jsonLog === true) return jsonView(process, quiet === true);
  const warnings = warningView(errors);
  if (quiet === true) return warnings;
  const terminal = openTerminal(process, process.stdout);
  return {
    ...warnings,
    onRequest: (request) => terminal.line(formatServedRequest(request, terminal)),
    onExchange(exchange) {
      const line = formatExchange(exchange, terminal);
      if (line !== undefined) terminal.line(line);
    },
  };
}

function jsonView(process: ProcessView, isQuiet: boolean): GatewayObserver {
  const print = (event: string, value: object) =>
    void process.stdout.write(`${JSON.stringify({ event, time: Date.now(), ...value })}\n`);
  return {
    ...(isQuiet
      ? {}
      : {
          onRequest: (request: ServedRequest) => print("request", request),
          onExchange: (exchange: UpstreamExchange) => print("upstream", exchange),
        }),
    onBudget: (upstream, warning) => print("budget", { upstream, ...warning }),
    onLoginRefused: (upstream, identity) => print("login-refused", { upstream, identity }),
    onNote: (message) => print("note", { message }),
    onDefect: (error) => print("defect", { message: describeDefect(error) }),
  };
}

function warningView(terminal: Terminal): Omit<GatewayObserver, "onRequest" | "onExchange"> {
  const warn = (text: string) => terminal.line(`${terminal.style("yellow", "warning")} ${text}`);
  return {
    onBudget: (upstream, warning) => warn(formatBudget(upstream, warning)),
    onLoginRefused: (upstream, identity) => warn(`${upstream} refuses the login of ${identity}; it rests`),
    onNote: warn,
    onDefect: (error) => terminal.line(`chubo: internal error: ${describeDefect(error)}`),
  };
}

function formatBudget(upstream: string, { identity, remaining, limit }: BudgetWarning): string {
  const left = remaining === 0 ? "no pull" : `${remaining} of ${limit} pulls`;
  return `${identity} has ${left} left at ${upstream}; what is stored is served on`;
}

function describeDefect(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** One line for a person: when, who, what, the answer and whether the store had it. */
export function formatServedRequest(request: ServedRequest, { style }: Pick<Terminal, "style">): string {
  const { time, client, method, path, repository, status, bytes, milliseconds, outcome, complete } = request;
  const answer = complete ? style(colourOf(status), String(status)) : style("magenta", "cut");
  const what = repository === undefined ? path : `${repository}${lastPart(path)}`;
  const words = [clockOf(time, style), client.replace(/^::ffff:/, ""), method.padEnd(4), what, answer];
  if (outcome !== undefined) words.push(style(outcome === "hit" ? "green" : "yellow", outcome));
  words.push(style("dim", `${formatBytes(bytes)}, ${Math.round(milliseconds)} ms`));
  return words.join("  ");
}

/** What was spent, or refused. Undefined for what is of no interest: tokens, blobs, questions that are free. */
function formatExchange(exchange: UpstreamExchange, { style }: Terminal): string | undefined {
  const { time, upstream, identity, kind, method, repository, reference, status, counted, remaining } = exchange;
  if (status === 401 || (!counted && status !== undefined && status < 400)) return undefined;
  const answer = status === undefined ? style("red", "no answer") : style(colourOf(status), String(status));
  const what = `${repository} ${shorten(reference)}`.trim();
  const left = remaining === undefined ? "" : `, ${remaining} left`;
  const spent = counted ? `counted${left}` : `not counted${left}`;
  return [clockOf(time, style), `→ ${upstream} as ${identity}`, method.padEnd(4), kind, what, answer, spent].join("  ");
}

function clockOf(time: number, style: Terminal["style"]): string {
  return style("dim", new Date(time).toISOString().slice(11, 19));
}

function colourOf(status: number): Parameters<Terminal["style"]>[0] {
  if (status === 429) return ["red", "bold"];
  return status >= 400 ? "red" : "green";
}

/** `:2.4`, `@sha256:…`, `/tags/list`. */
function lastPart(path: string): string {
  const [, kind, name = ""] = /\/(manifests|blobs|tags|referrers)\/([^/?]+)/.exec(path) ?? [];
  if (kind === "manifests") return name.includes(":") ? `@${shorten(name)}` : `:${name}`;
  if (kind === "blobs") return ` blob ${shorten(name)}`;
  return kind === undefined ? "" : ` ${kind}`;
}

function shorten(reference: string): string {
  return reference.replace(/(sha\d+:[0-9a-f]{12})[0-9a-f]+/, "$1…");
}

function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}
