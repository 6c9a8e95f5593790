import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { request as requestHttp } from "../node-http.ts";
import { parseImageReference } from "../oci/image-reference.ts";
import { type PrefetchOrder, type PrefetchReport, prefetchPath } from "../server/gateway-endpoints.ts";
import { openGatewayEngine } from "../server/gateway-server.ts";
import { findLockOwner } from "../server/process-lock.ts";
import { stateLayout } from "../store/state-layout.ts";
import { UsageError } from "../usage-error.ts";
import type { PrefetchFlags } from "./describe-gateway.ts";
import { type GatewaySettings, gatewaySettings } from "./gateway-settings.ts";
import { openGatewayView } from "./gateway-view.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView, type Terminal } from "./terminal.ts";

/** `chubo gateway prefetch`: asks the gateway that runs on the state directory, or opens the directory itself. */
export async function prefetchCommand(texts: string[], flags: PrefetchFlags, process: ProcessView): Promise<number> {
  const settings = await gatewaySettings(flags, process.currentDirectory);
  const order: PrefetchOrder = {
    references: texts.map(checkReference),
    platforms: flags.platform ?? [],
    pin: flags.pin ?? false,
  };
  const owner = findLockOwner(stateLayout(settings.state).gateway.lock);
  const [url, token] = owner?.lines ?? [];
  const terminal = openTerminal(process, process.stdout);
  const reports =
    url === undefined || token === undefined
      ? fetchHere(order, settings, flags, process)
      : askGateway(order, url, token);
  let isWhole = true;
  for await (const report of reports) {
    if ("error" in report) isWhole = false;
    printReport(report, flags, terminal);
  }
  return isWhole ? exitStatus.succeeded : exitStatus.failed;
}

function checkReference(text: string): string {
  try {
    parseImageReference(text);
    return text;
  } catch (cause) {
    throw new UsageError("CONFIG_REFERENCE", (cause as Error).message, {
      cause,
      hint: "such as docker.io/library/httpd:2.4",
    });
  }
}

async function* fetchHere(
  order: PrefetchOrder,
  settings: GatewaySettings,
  flags: PrefetchFlags,
  process: ProcessView,
): AsyncGenerator<PrefetchReport> {
  const observer = openGatewayView({ ...flags, quiet: true }, process);
  const engine = await openGatewayEngine({ ...settings, variables: process.variables, observer });
  try {
    for (const reference of order.references) yield await engine.prefetch(reference, order);
  } finally {
    await engine.close();
  }
}

async function* askGateway(order: PrefetchOrder, url: string, token: string): AsyncGenerator<PrefetchReport> {
  const answer = await post(url, token, JSON.stringify(order));
  for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as PrefetchReport;
}

async function post(url: string, token: string, body: string): Promise<IncomingMessage> {
  const place = new URL(prefetchPath, url.replace(/\/\/(0\.0\.0\.0|\[::\])/, "//127.0.0.1"));
  const options = {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    // It is this machine's own gateway, whose certificate names the address that its clients use.
    rejectUnauthorized: false,
  };
  const open = place.protocol === "https:" ? (await import("node:https")).request : requestHttp;
  const request = open(place, options);
  request.end(body);
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  if (answer.statusCode === 200) return answer;
  throw new UsageError("CONFIG_GATEWAY", `the gateway at ${place.origin} refuses the order with ${answer.statusCode}`);
}

function printReport(report: PrefetchReport, { jsonLog }: PrefetchFlags, terminal: Terminal): void {
  if (jsonLog === true) return terminal.line(JSON.stringify({ event: "prefetch", ...report }));
  if ("error" in report) {
    return terminal.line(`${terminal.style("red", "✗")} ${report.reference}: ${report.error}`);
  }
  const { reference, digest, blobs, bytes, fetchedBytes } = report;
  const size = `${blobs} blobs, ${(bytes / 1e6).toFixed(1)} MB, of which ${(fetchedBytes / 1e6).toFixed(1)} MB fetched`;
  terminal.line(`${terminal.style("green", "✓")} ${reference}  ${digest}  ${terminal.style("dim", size)}`);
}
