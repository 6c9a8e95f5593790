// The article's fleet: 200 builds, each with a cold engine, pull one of 3 base images from 2 addresses that they share
// with strangers; Docker Hub (simulated) gives each address 100 pulls in 6 hours, of which the strangers used 60.
// Without a gateway and with one. `node bench/fleet.ts [--gets-per-pull 1|2]`
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type PullFigures, pullLightly } from "./light-client.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const builds = 200;
const limit = 100;
const usedByStrangers = 60;
const images = [
  { repository: "library/httpd", tag: "2.4" },
  { repository: "library/node", tag: "latest" },
  { repository: "library/python", tag: "latest" },
];
/** Loopback has sixteen million addresses; the simulator counts by the peer's. */
const addresses = ["127.0.0.2", "127.0.0.3"];
const chubo = join(import.meta.dirname, "..", "bin", "chubo.js");

const { values } = parseArgs({ options: { "gets-per-pull": { type: "string", default: "1" } } });
const directory = mkdtempSync(join(tmpdir(), "chubo-fleet-"));
try {
  report("without a gateway", await withHub((hub) => runBuilds(hub, hub.origin)));
  report(
    "with a gateway",
    await withHub(async (hub) => {
      const gateway = await startGateway(hub);
      try {
        return await runBuilds(hub, gateway.origin);
      } finally {
        await gateway.stop();
      }
    }),
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}

interface FleetFigures {
  pulls: PullFigures[];
  /** Manifest GETs that Docker Hub counted for these builds, the strangers' aside. */
  counted: number;
  asked: number;
}

async function withHub(work: (hub: ServerProcess) => Promise<FleetFigures>): Promise<FleetFigures> {
  const words = ["hub", "--port", "{port}", "--limit", String(limit), "--gets-per-pull", values["gets-per-pull"]];
  const remaining = ["--remaining", String(limit - usedByStrangers)];
  const hub = await startServer([process.execPath, chubo, ...words, ...remaining], { path: "/v2/" });
  try {
    return await work(hub);
  } finally {
    await hub.stop();
  }
}

function startGateway(hub: ServerProcess): Promise<ServerProcess> {
  const upstream = `docker.io=${hub.origin}`;
  const words = [
    "gateway",
    "--listen",
    "127.0.0.1:{port}",
    "--state",
    join(directory, "state"),
    "--upstream",
    upstream,
  ];
  return startServer([process.execPath, chubo, ...words], { path: "/v2/" });
}

async function runBuilds(hub: ServerProcess, origin: string): Promise<FleetFigures> {
  const waiting = Array.from({ length: builds }, (_, number) => number);
  const pulls: PullFigures[] = [];
  const worker = async () => {
    for (let build = waiting.shift(); build !== undefined; build = waiting.shift()) {
      const image = images[build % images.length] as (typeof images)[number];
      const localAddress = addresses[build % addresses.length] as string;
      pulls.push(await pullLightly({ origin, ...image, localAddress }));
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  const requests = (await (await fetch(`${hub.origin}/_chubo/hub/requests`)).json()) as { counted?: boolean }[];
  return { pulls, counted: requests.filter(({ counted }) => counted === true).length, asked: requests.length };
}

function report(title: string, { pulls, counted, asked }: FleetFigures): void {
  const failed = pulls.filter(({ status }) => status !== 200);
  const share = ((100 * failed.length) / pulls.length).toFixed(1);
  const statuses = [...new Set(failed.map(({ status }) => status))].join(", ");
  console.log(
    `${title}: ${pulls.length} builds, ${failed.length} failed (${share} %${statuses === "" ? "" : `, status ${statuses}`}); ` +
      `${counted} counted manifest GETs, ${asked} requests to Docker Hub`,
  );
}
