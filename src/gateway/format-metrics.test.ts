import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMetrics } from "./format-metrics.ts";
import { createGatewayMeter } from "./gateway-metrics.ts";

const request = {
  ...{ time: 0, upstream: "docker.io", identity: "anonymous", kind: "manifest" as const, method: "GET" },
  ...{ repository: "library/httpd", reference: "latest", milliseconds: 3 },
};

test("what was counted is written in Prometheus' text format, and what is not known has no sample", () => {
  const meter = createGatewayMeter();
  meter.countRequest({ ...request, status: 200, counted: true, bytes: 100, remaining: 7 });
  meter.countRequest({ ...request, status: 200, counted: true, bytes: 20, remaining: 6 });
  meter.countRequest({ ...request, status: 429, counted: false, bytes: 3, remaining: 0 });
  meter.countRequest({ ...request, status: undefined, counted: false, bytes: 0 });
  meter.countPull({ upstream: "docker.io", kind: "manifest", outcome: "hit" });
  meter.countBytesToClient("docker.io", 4096);
  const standings = [
    {
      upstream: "docker.io",
      standings: [
        { identity: { name: "anonymous" }, limit: 100, remaining: 0, restsUntil: 50 },
        { identity: { name: 'a"b\\c\nd' } },
      ],
    },
  ];
  const text = formatMetrics({ counters: meter.counters, standings, time: 10, inFlight: 2, storedBytes: 5 });
  assert.equal(
    text,
    `# HELP chubo_upstream_requests_total Requests that left for an upstream.
# TYPE chubo_upstream_requests_total counter
chubo_upstream_requests_total{upstream="docker.io",kind="manifest",status="200"} 2
chubo_upstream_requests_total{upstream="docker.io",kind="manifest",status="429"} 1
chubo_upstream_requests_total{upstream="docker.io",kind="manifest",status="none"} 1
# HELP chubo_upstream_counted_pulls_total Pulls spent of a limit.
# TYPE chubo_upstream_counted_pulls_total counter
chubo_upstream_counted_pulls_total{upstream="docker.io",identity="anonymous"} 2
# HELP chubo_upstream_too_many_requests_total Answers of status 429, by the limit that they tell of.
# TYPE chubo_upstream_too_many_requests_total counter
chubo_upstream_too_many_requests_total{upstream="docker.io",limit="pull"} 1
# HELP chubo_upstream_received_bytes_total Bytes of answers from upstreams.
# TYPE chubo_upstream_received_bytes_total counter
chubo_upstream_received_bytes_total{upstream="docker.io"} 123
# HELP chubo_pulls_total Pulls of clients, by how they were answered.
# TYPE chubo_pulls_total counter
chubo_pulls_total{upstream="docker.io",kind="manifest",outcome="hit"} 1
# HELP chubo_sent_bytes_total Bytes of content sent to clients.
# TYPE chubo_sent_bytes_total counter
chubo_sent_bytes_total{upstream="docker.io"} 4096
# HELP chubo_identity_remaining_pulls Pulls left, as the newest answer told.
# TYPE chubo_identity_remaining_pulls gauge
chubo_identity_remaining_pulls{upstream="docker.io",identity="anonymous"} 0
# HELP chubo_identity_limit_pulls Pulls in a window.
# TYPE chubo_identity_limit_pulls gauge
chubo_identity_limit_pulls{upstream="docker.io",identity="anonymous"} 100
# HELP chubo_identity_resting 1 while the identity is not asked.
# TYPE chubo_identity_resting gauge
chubo_identity_resting{upstream="docker.io",identity="anonymous"} 1
chubo_identity_resting{upstream="docker.io",identity="a\\"b\\\\c\\nd"} 0
# HELP chubo_pulls_in_flight Pulls of clients being answered.
# TYPE chubo_pulls_in_flight gauge
chubo_pulls_in_flight 2
# HELP chubo_stored_bytes Bytes of stored content.
# TYPE chubo_stored_bytes gauge
chubo_stored_bytes 5
`,
  );
});
