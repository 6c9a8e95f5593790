import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { GatewayConfig, UpstreamConfig } from "../gateway/configuration/gateway-config.ts";
import { parseByteSize } from "../gateway/configuration/parse-quantity.ts";
import { parseUpstreamOption } from "../gateway/configuration/parse-upstream-config.ts";
import { checkRedisUrl, parseBucketPlace } from "../gateway/configuration/replica-places.ts";
import { UsageError } from "../usage-error.ts";
import type { GatewayFlags } from "./describe-gateway.ts";
import { parseHostAndPort } from "./options.ts";

export interface GatewaySettings {
  config: GatewayConfig;
  host: string;
  port: number;
  /** State directory. */
  state: string;
  /** Where file names of the configuration begin. */
  directory: string;
}

const emptyConfig: GatewayConfig = { upstreams: [], clients: {}, space: {}, pins: [] };

/** The configuration file, and over it the command line. Throws UsageError CONFIG_…. */
export async function gatewaySettings(flags: GatewayFlags, currentDirectory: string): Promise<GatewaySettings> {
  const file = flags.config === undefined ? undefined : resolve(currentDirectory, flags.config);
  const written = file === undefined ? emptyConfig : await readConfig(file);
  const content = flags.content ?? written.content;
  const ledger = flags.ledger ?? written.ledger;
  checkReplicas({ ...written, content, ledger });
  const directory = file === undefined ? currentDirectory : dirname(file);
  const listen = flags.listen === undefined ? written.listen : parseHostAndPort("--listen", flags.listen);
  const state =
    flags.state === undefined
      ? written.state === undefined
        ? resolve(currentDirectory, ".chubo")
        : resolve(directory, written.state)
      : resolve(currentDirectory, flags.state);
  return {
    config: {
      ...absolutePaths(written, directory),
      ...(content === undefined ? {} : { content }),
      ...(ledger === undefined ? {} : { ledger }),
      upstreams: mergeUpstreams(written.upstreams, (flags.upstream ?? []).map(parseUpstreamOption)),
      space: { ...written.space, ...(flags.maxSize === undefined ? {} : { maximumBytes: parseSize(flags.maxSize) }) },
    },
    ...{ host: listen?.host ?? "127.0.0.1", port: listen?.port ?? 5000, state, directory },
  };
}

async function readConfig(file: string): Promise<GatewayConfig> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError("CONFIG_FILE", `the configuration cannot be read: ${code}`, { file, cause });
  }
  // The YAML library is read only where there is YAML.
  const { parseGatewayConfig } = await import("../gateway/configuration/parse-gateway-config.ts");
  return parseGatewayConfig(text, file);
}

/** What makes no sense without a shared place, or with one. */
function checkReplicas(
  given: Pick<GatewayConfig, "pins" | "redirectBlobs"> & { content: string | undefined; ledger: string | undefined },
): void {
  const { content, ledger, pins, redirectBlobs } = given;
  if (ledger !== undefined) checkRedisUrl(ledger);
  if (content === undefined) {
    if (ledger === undefined && redirectBlobs !== true) return;
    const message = "a shared ledger and redirects to blobs need a shared content";
    throw new UsageError("CONFIG_REPLICAS", message, { hint: "add --content s3://BUCKET/PREFIX" });
  }
  parseBucketPlace(content);
  if (pins.length === 0) return;
  throw new UsageError("CONFIG_PINS", "nothing is pinned in a bucket: what goes is up to its lifecycle rules", {
    hint: "leave `pins` out; `chubo gateway prefetch` still fetches images",
  });
}

function absolutePaths({ clients, tls, ...rest }: GatewayConfig, directory: string): GatewayConfig {
  const { basic, bearer } = clients;
  return {
    ...rest,
    clients: {
      ...(basic === undefined ? {} : { basic: resolve(directory, basic) }),
      ...(bearer === undefined ? {} : { bearer: resolve(directory, bearer) }),
    },
    ...(tls === undefined
      ? {}
      : { tls: { certificate: resolve(directory, tls.certificate), key: resolve(directory, tls.key) } }),
  };
}

/** The command line moves an upstream; whom it is asked as and what may be pulled stays. */
function mergeUpstreams(written: readonly UpstreamConfig[], given: readonly UpstreamConfig[]): UpstreamConfig[] {
  const merged = new Map(written.map((upstream) => [upstream.name, upstream]));
  for (const upstream of given) merged.set(upstream.name, { ...merged.get(upstream.name), ...upstream });
  return [...merged.values()];
}

function parseSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError("CONFIG_NUMBER", `--max-size takes a size, such as 50GB or 20GiB: ${text}`);
}
