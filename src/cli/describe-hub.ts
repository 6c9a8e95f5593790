import { type Command, Option } from "commander";

export interface HubFlags {
  port?: string;
  listen?: string;
  limit?: string;
  window?: string;
  windowKind: string;
  headerWindow?: string;
  getsPerPull: string;
  countRejected?: boolean;
  remaining?: string;
  account?: string[];
  abuseLimit?: string;
  retryAfter?: string;
  latency?: string;
  bandwidth?: string;
  images?: string;
  trustForwardedFor?: boolean;
  json?: boolean;
}

/** Options and help of `chubo hub`. */
export function describeHub(command: Command, run: (flags: HubFlags) => Promise<void>): void {
  command
    .description("a Docker Hub of your own that says no: try how a mirror, a CI or a gateway bears the pull limit")
    .option("--port <n>", "port on 127.0.0.1, 0 for any free one (default: 5080)")
    .option("--listen <HOST:PORT>", "address and port, in place of --port")
    .option("--limit <n>", "anonymous pulls in one window, by address (default: 100)")
    .option("--window <seconds>", "length of the window (default: 21600)")
    .addOption(
      new Option("--window-kind <kind>", "rolling: each pull comes back by itself; fixed: all at once")
        .choices(["rolling", "fixed"])
        .default("rolling"),
    )
    .option("--header-window <seconds>", "what answers say of the window, where that is another")
    .addOption(new Option("--gets-per-pull <n>", "manifest GETs that make one pull").choices(["1", "2"]).default("2"))
    .option("--count-rejected", "refused pulls are counted, too")
    .option("--remaining <n>", "pulls that strangers have left at each address (default: all)")
    .option(
      "--account <USER:PASSWORD:TIER>",
      "an account: personal has 200 pulls; pro, team, business all",
      collect,
      [],
    )
    .option("--abuse-limit <n>", "requests a minute from one address, beyond which all is refused in plain text")
    .option("--retry-after <seconds>", "Retry-After of a refused pull (default: none is sent)")
    .option("--latency <ms>", "time before each answer")
    .option("--bandwidth <bytes>", "bytes a second of each answer, such as 500k or 20m")
    .option("--images <dir>", "OCI image layouts and `docker save` archives to serve as well")
    .option("--trust-forwarded-for", "believe X-Forwarded-For, so that clients can play other addresses")
    .option("--json", "print JSON lines: the start, then each request")
    .addHelpText("after", examples)
    .action(run);
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

const examples = `
Examples:
  Two pulls are left; the third is refused:
    $ chubo hub --remaining 2
    $ docker pull 127.0.0.1:5080/library/httpd:2.4

  A small limit that comes back every minute, and a login with a limit of its own:
    $ chubo hub --limit 5 --window 60 --account alice:correct-horse:personal
    $ echo correct-horse | docker login --username alice --password-stdin 127.0.0.1:5080

  Strangers spend 40 pulls of this address; the next two blobs break after 1000 bytes:
    $ curl -d '{"pulls": 40}' http://127.0.0.1:5080/_chubo/hub/spend
    $ curl -d '{"path": "/registry-v2/*", "times": 2, "fault": {"kind": "cut", "afterBytes": 1000}}' \\
        http://127.0.0.1:5080/_chubo/hub/faults

  Other calls: GET state, GET requests, POST remaining {"remaining", "address" or "account"}, DELETE faults.
  Faults: hang, cut, wrong-digest, wrong-length, html, status, redirect-loop, redirect, slow.

Ctrl-C ends it. Exit status: 130 after Ctrl-C, 2 usage error, 70 a defect of chubo's.`;
