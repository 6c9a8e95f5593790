import type { Count, GatewayCounters } from "./gateway-metrics.ts";
import type { IdentityStanding } from "./identity.ts";

export interface MetricsSnapshot {
  counters: Readonly<GatewayCounters>;
  standings: readonly { upstream: string; standings: readonly IdentityStanding[] }[];
  /** Milliseconds since 1970. */
  time: number;
  inFlight: number;
  storedBytes?: number;
  evictions?: number;
}

interface Family {
  name: string;
  type: "counter" | "gauge";
  help: string;
  labels: readonly string[];
  samples: Iterable<Count>;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format, to be sent as this type. */
export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/** What is not known has no sample: an identity that is unlimited or not yet told has no remaining pulls, not zero. */
export function formatMetrics(snapshot: MetricsSnapshot): string {
  const families = [...counterFamilies(snapshot.counters), ...standingFamilies(snapshot), ...stateFamilies(snapshot)];
  return families.map(formatFamily).join("");
}

function counterFamilies(counters: Readonly<GatewayCounters>): Family[] {
  const family = (name: string, help: string, labels: string[], counts: Map<string, Count>): Family => ({
    ...{ name: `chubo_${name}_total`, type: "counter", help, labels },
    samples: counts.values(),
  });
  return [
    family(
      "upstream_requests",
      "Requests that left for an upstream.",
      ["upstream", "kind", "status"],
      counters.requests,
    ),
    family("upstream_counted_pulls", "Pulls spent of a limit.", ["upstream", "identity"], counters.countedPulls),
    family(
      "upstream_too_many_requests",
      "Answers of status 429, by the limit that they tell of.",
      ["upstream", "limit"],
      counters.tooManyRequests,
    ),
    family("upstream_received_bytes", "Bytes of answers from upstreams.", ["upstream"], counters.bytesFromUpstream),
    family("pulls", "Pulls of clients, by how they were answered.", ["upstream", "kind", "outcome"], counters.pulls),
    family("sent_bytes", "Bytes of content sent to clients.", ["upstream"], counters.bytesToClients),
  ];
}

function standingFamilies({ standings, time }: MetricsSnapshot): Family[] {
  const labels = ["upstream", "identity"];
  const gauge = (name: string, help: string, read: (standing: IdentityStanding) => number | undefined): Family => ({
    ...{ name: `chubo_identity_${name}`, type: "gauge", help, labels },
    samples: standings.flatMap(({ upstream, standings: known }) =>
      known.flatMap((standing) => {
        const value = read(standing);
        return value === undefined ? [] : [{ labels: [upstream, standing.identity.name], value }];
      }),
    ),
  });
  return [
    gauge("remaining_pulls", "Pulls left, as the newest answer told.", ({ remaining }) => remaining),
    gauge("limit_pulls", "Pulls in a window.", ({ limit }) => limit),
    gauge("resting", "1 while the identity is not asked.", ({ restsUntil = 0 }) => (restsUntil > time ? 1 : 0)),
  ];
}

function stateFamilies({ inFlight, storedBytes, evictions }: MetricsSnapshot): Family[] {
  const single = (name: string, type: Family["type"], help: string, value: number | undefined): Family => ({
    ...{ name: `chubo_${name}`, type, help, labels: [] },
    samples: value === undefined ? [] : [{ labels: [], value }],
  });
  return [
    single("pulls_in_flight", "gauge", "Pulls of clients being answered.", inFlight),
    single("stored_bytes", "gauge", "Bytes of stored content.", storedBytes),
    single("evictions_total", "counter", "Blobs removed to make room.", evictions),
  ];
}

function formatFamily({ name, type, help, labels, samples }: Family): string {
  const lines = [...samples].map(({ labels: values, value }) => {
    const pairs = labels.map((label, index) => `${label}="${escapeLabel(values[index] ?? "")}"`).join(",");
    return `${name}${pairs === "" ? "" : `{${pairs}}`} ${value}\n`;
  });
  return lines.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
