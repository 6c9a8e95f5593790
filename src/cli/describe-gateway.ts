import type { Command } from "commander";

export interface GatewayFlags {
  config?: string;
  listen?: string;
  upstream?: string[];
  state?: string;
  content?: string;
  ledger?: string;
  maxSize?: string;
  jsonLog?: boolean;
  quiet?: boolean;
}

export interface PrefetchFlags extends GatewayFlags {
  pin?: boolean;
  platform?: string[];
}

export interface GatewayCommands {
  gateway(flags: GatewayFlags): Promise<void>;
  prefetch(references: string[], flags: PrefetchFlags): Promise<void>;
}

/** Options and help of `chubo gateway` and `chubo gateway prefetch`. */
export function describeGateway(command: Command, commands: GatewayCommands): void {
  command
    .showHelpAfterError("  hint chubo gateway --help shows the options")
    .description("a pull-through gateway for a fleet: each image is pulled once, and served on when Docker Hub says no")
    .option("--config <file>", "YAML file; docs/gateway.md has all keys")
    .option("--listen <HOST:PORT>", "address and port (default: 127.0.0.1:5000)")
    .option("--upstream <NAME=URL>", "reach a registry at another address; repeat for more", collect)
    .option("--state <dir>", "state directory, with what was pulled (default: .chubo)")
    .option("--content <s3://BUCKET/PREFIX>", "what was pulled is kept in S3, for several replicas")
    .option("--ledger <redis://HOST:PORT>", "what is left of limits is shared in Redis, for several replicas")
    .option("--max-size <size>", "space for what was pulled, such as 50GB (default: the disk's but 1 GiB)")
    .option("--json-log", "print JSON lines: the start, each request, what was asked of upstreams")
    .option("--quiet", "print warnings and errors only")
    .addHelpText("after", examples)
    .action((flags: GatewayFlags) => commands.gateway(flags));
  command
    .command("prefetch")
    .description("pull images into a running gateway of the state directory, or into the directory where none runs")
    .argument("<reference...>", "images, such as docker.io/library/httpd:2.4")
    .option("--pin", "keep them: they make no room for others")
    .option(
      "--platform <OS/ARCH>",
      "of a multi-platform image; repeat for more, `all` for all (default: this machine's)",
      collect,
    )
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", prefetchExamples)
    .action((references: string[], _: object, sub: Command) =>
      commands.prefetch(references, sub.optsWithGlobals<PrefetchFlags>()),
    );
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

const examples = `
Examples:
  A mirror of Docker Hub for this machine's docker:
    $ chubo gateway
    $ cat /etc/docker/daemon.json
    { "registry-mirrors": ["http://127.0.0.1:5000"] }

  Any registry, by its name before the repository:
    $ docker pull 127.0.0.1:5000/docker.io/library/httpd:2.4
    $ docker pull 127.0.0.1:5000/ghcr.io/OWNER/APP:1

  For a fleet, with an account and logins for its clients:
    $ CHUBO_UPSTREAM_DOCKER_IO_USERNAME=acme CHUBO_UPSTREAM_DOCKER_IO_PASSWORD=... \\
        chubo gateway --config gateway.yml --listen 0.0.0.0:5000

  In front of a simulated Docker Hub (chubo hub --port 5100 --remaining 5):
    $ chubo gateway --upstream docker.io=http://127.0.0.1:5100

GET /healthz tells whether it works, GET /metrics its figures for Prometheus.
Ctrl-C ends it. Exit status: 130 after Ctrl-C, 2 usage error, 70 a defect of chubo's.`;

const prefetchExamples = `
Examples:
  $ chubo gateway prefetch httpd:2.4 public.ecr.aws/docker/library/node:24
  $ chubo gateway prefetch --pin --platform linux/amd64 --platform linux/arm64 docker.io/library/httpd:2.4

Exit status: 0 all are there, 1 one is not, 2 usage error.`;
