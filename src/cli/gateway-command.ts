import { type GatewayServer, isLoopback, openGatewayServer } from "../server/gateway-server.ts";
import type { GatewayFlags } from "./describe-gateway.ts";
import { drainMilliseconds, watchEndSignals } from "./end-signals.ts";
import { gatewayInstructions } from "./gateway-instructions.ts";
import { type GatewaySettings, gatewaySettings } from "./gateway-settings.ts";
import { openGatewayView } from "./gateway-view.ts";
import { exitStatus } from "./report-error.ts";
import { openTerminal, type ProcessView } from "./terminal.ts";

/** `chubo gateway`: the pull-through gateway by itself, until Ctrl-C. */
export async function gatewayCommand(flags: GatewayFlags, process: ProcessView): Promise<number> {
  const settings = await gatewaySettings(flags, process.currentDirectory);
  const observer = openGatewayView(flags, process);
  const { ended, hurry } = watchEndSignals();
  const server = await openGatewayServer({ ...settings, variables: process.variables, observer });
  if (!isLoopback(settings.host) && !server.isGuarded) {
    observer.onNote(`anyone who reaches ${settings.host} may pull, and spend your pulls: give \`clients\` a file`);
  }
  await tellStart(server, settings, flags, process);
  fetchPins(settings, server, observer.onNote).catch(observer.onDefect);
  await ended;
  await server.port.drain({ milliseconds: drainMilliseconds, hurry });
  await server.close();
  return exitStatus.interrupted;
}

async function tellStart(server: GatewayServer, { host }: GatewaySettings, flags: GatewayFlags, process: ProcessView) {
  const { port, upstreams } = server;
  const url = port.url.replace(/\/\/(0\.0\.0\.0|\[::\])/, "//127.0.0.1");
  // Made after the port is open: the first start takes some time for its key.
  const { caFile, bundleFile } = await server.authority();
  if (flags.jsonLog === true) {
    const start = { event: "start", time: Date.now(), url, host, port: port.port, upstreams, caFile, bundleFile };
    process.stdout.write(`${JSON.stringify(start)}\n`);
  } else if (flags.quiet !== true) {
    const terminal = openTerminal(process, process.stdout);
    for (const line of gatewayInstructions({ url, upstreams, bundleFile }, terminal)) terminal.line(line);
  }
}

async function fetchPins({ config }: GatewaySettings, server: GatewayServer, onNote: (message: string) => void) {
  for (const reference of config.pins) {
    const report = await server.prefetch(reference, { pin: true, platforms: [] });
    if ("error" in report) onNote(`the pinned ${reference} cannot be fetched: ${report.error}`);
  }
}
