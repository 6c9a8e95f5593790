import { BlockList, isIPv4, isIPv6 } from "node:net";
import { UsageError } from "../usage-error.ts";

/** Where AWS publishes the file. https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html */
export const ipRangesUrl = "https://ip-ranges.amazonaws.com/ip-ranges.json";

/** The addresses that CodeBuild's own builds (not those in a VPC) may leave by, as Docker Hub counts them. */
export interface CodeBuildAddresses {
  region: string;
  prefixes: readonly string[];
  /** IPv4 addresses and IPv6 networks of 64 bits: an upper bound, since how many of them are in use is not published. */
  addresses: number;
  /** Where it is from, with its date. */
  source: string;
}

interface Prefix {
  ip_prefix?: unknown;
  ipv6_prefix?: unknown;
  region?: unknown;
  service?: unknown;
}

const hubCountsBits = { 4: 32, 6: 64 } as const;

/** Counts the prefixes of service CODEBUILD in a region of ip-ranges.json. Throws UsageError CHECK_IP_RANGES. */
export function countCodeBuildAddresses(text: string, region: string, file: string): CodeBuildAddresses {
  const { createDate, prefixes } = parseIpRanges(text, file);
  const ofCodeBuild = prefixes.filter(({ service }) => service === "CODEBUILD");
  const here = [
    ...new Set(ofCodeBuild.filter((prefix) => prefix.region === region).map((prefix) => cidrOf(prefix, file))),
  ];
  if (here.length === 0) {
    const regions = [...new Set(ofCodeBuild.map((prefix) => String(prefix.region)))].sort();
    throw new UsageError("CHECK_IP_RANGES", `no prefix of service CODEBUILD in ${region}`, {
      file,
      hint: regions.length === 0 ? "the file has none of CODEBUILD at all" : `it has those of ${regions.join(", ")}`,
    });
  }
  const addresses = widest(here).reduce((sum, cidr) => sum + sizeOf(cidr), 0);
  return { region, prefixes: here, addresses, source: `${file} of ${createDate}` };
}

/** What is known without the file; undefined for any other region. */
export function findBuiltInAddresses(region: string): CodeBuildAddresses | undefined {
  if (region !== "ap-northeast-1") return undefined;
  // Two entries, as a blog quoted the file in October 2024; older than that and newer was not seen.
  const prefixes = ["13.112.191.184/29", "35.75.131.80/29"];
  return { region, prefixes, addresses: 16, source: "ip-ranges.json as quoted in October 2024" };
}

function parseIpRanges(text: string, file: string): { createDate: string; prefixes: Prefix[] } {
  const faulty = (what: string, cause?: unknown) =>
    new UsageError("CHECK_IP_RANGES", `this is not AWS's ip-ranges.json: ${what}`, {
      file,
      cause,
      hint: `curl -O ${ipRangesUrl}`,
    });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw faulty(error instanceof Error ? error.message : "no JSON", error);
  }
  if (typeof document !== "object" || document === null) throw faulty("no JSON object");
  const { createDate, prefixes, ipv6_prefixes: ipv6 = [] } = document as Record<string, unknown>;
  if (!Array.isArray(prefixes) || !Array.isArray(ipv6)) throw faulty("its `prefixes` are no list");
  const all: unknown[] = [...prefixes, ...ipv6];
  if (!all.every((prefix) => typeof prefix === "object" && prefix !== null)) throw faulty("a prefix is no object");
  return { createDate: typeof createDate === "string" ? createDate : "an unknown date", prefixes: all as Prefix[] };
}

function cidrOf({ ip_prefix: ipv4, ipv6_prefix: ipv6 }: Prefix, file: string): string {
  const text = ipv4 ?? ipv6;
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(typeof text === "string" ? text : "") ?? [];
  if ((isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128)) return `${address}/${bits}`;
  throw new UsageError(
    "CHECK_IP_RANGES",
    `a prefix of CODEBUILD is no network: ${String(JSON.stringify(text)).slice(0, 80)}`,
    {
      file,
      hint: "a network is written 198.51.100.0/24 or 2001:db8:1234::/64",
    },
  );
}

/** A prefix within another one adds no address. */
function widest(cidrs: readonly string[]): string[] {
  const ordered = cidrs.toSorted((one, other) => bitsOf(one) - bitsOf(other));
  const list = new BlockList();
  return ordered.filter((cidr) => {
    const [address = "", bits = ""] = cidr.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    if (list.check(address, family)) return false;
    list.addSubnet(address, Number(bits), family);
    return true;
  });
}

function bitsOf(cidr: string): number {
  return Number(cidr.split("/")[1]);
}

/** Docker Hub counts each IPv4 address by itself, and IPv6 by networks of 64 bits, of which a narrower prefix lies in one. */
function sizeOf(cidr: string): number {
  const counted = cidr.includes(":") ? hubCountsBits[6] : hubCountsBits[4];
  return 2 ** Math.max(0, counted - bitsOf(cidr));
}
