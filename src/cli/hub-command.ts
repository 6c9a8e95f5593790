import type { SimulatedRequest } from "../docker-hub/request-log.ts";
import { startDockerHubSimulator } from "../docker-hub/simulator.ts";
import { listenOnPort } from "../server/listen-on-port.ts";
import type { HubFlags } from "./describe-hub.ts";
import { watchEndSignals } from "./end-signals.ts";
import { hubInstructions } from "./hub-instructions.ts";
import { hubSettings } from "./hub-settings.ts";
import { formatHubRequest } from "./hub-view.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo hub`: the simulated Docker Hub by itself, until Ctrl-C. */
export async function hubCommand(flags: HubFlags, process: ProcessView): Promise<number> {
  const { host, port, simulator: options } = hubSettings(flags, process.currentDirectory);
  const terminal = openTerminal(process, process.stdout);
  const printJson = (value: object) => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const showRequest =
    flags.json === true
      ? (request: SimulatedRequest) => printJson({ event: "request", ...request })
      : (request: SimulatedRequest) => terminal.line(formatHubRequest(request, terminal));
  const { ended } = watchEndSignals();
  const simulator = await startDockerHubSimulator({
    ...options,
    listen: (server) => listenOnPort(server, { host, port }),
    onRequest: showRequest,
    onDefect: (error) =>
      process.stderr.write(`chubo: internal error: ${error instanceof Error ? error.stack : String(error)}\n`),
    now: Date.now,
  });
  const place = `${hostForClients(host)}:${simulator.port}`;
  const repositories = simulator.repositories();
  if (flags.json === true) {
    printJson({ event: "start", url: `http://${place}`, host, port: simulator.port, repositories });
  } else {
    for (const line of hubInstructions({ place, options, repositories }, terminal)) terminal.line(line);
  }
  await ended;
  await simulator.stop();
  return exitStatus.interrupted;
}

/** Clients on this machine reach a server that listens on all addresses by this one. */
function hostForClients(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
