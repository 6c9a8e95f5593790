/** An engine's own IPv4 addresses: a /20, of which its bridge has the first /24. */
export interface AddressBlock {
  /** `10.207.16.0/20` */
  block: string;
  /** The bridge's address with its prefix: `10.207.16.1/24`. */
  gateway: string;
}

export interface AddressBlockOptions {
  /** Any whole number; decides which block is tried first, so that engines seldom try the same one. */
  seed: number;
  /** Text of `/proc/net/route`. */
  routes: string;
  /** Text of `/etc/resolv.conf`: a name server behind the default route shows in no route of its own. */
  resolvConf: string;
}

const size = 1 << 12;

/** Where blocks are taken from: private addresses that Docker does not use, then those for benchmarks (RFC 2544). */
const ranges = [
  { first: toNumber("10.192.0.0"), count: 1024 },
  { first: toNumber("198.18.0.0"), count: 32 },
];

/**
 * Picks a block that no route of this machine leads to and that holds none of its name servers.
 * Undefined where all are taken.
 */
export function findAddressBlock({ seed, routes, resolvConf }: AddressBlockOptions): AddressBlock | undefined {
  const taken = [...routeRanges(routes), ...nameServers(resolvConf)];
  const isFree = (start: number) => taken.every(([from, to]) => to < start || from > start + size - 1);
  for (const { first, count } of ranges) {
    for (let step = 0; step < count; step++) {
      const start = first + ((seed + step) % count) * size;
      if (isFree(start)) return { block: `${toText(start)}/20`, gateway: `${toText(start + 1)}/24` };
    }
  }
  return undefined;
}

/** `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, addresses in hexadecimal, lowest byte first. */
function routeRanges(routes: string): [number, number][] {
  return routes
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields.length > 7)
    .map(([, destination = "", , , , , , mask = ""]): [number, number] => {
      const from = fromLittleEndian(destination);
      return [from, from + (0xffffffff - fromLittleEndian(mask))];
    })
    .filter(([from, to]) => from !== 0 || to !== 0xffffffff);
}

function nameServers(resolvConf: string): [number, number][] {
  return [...resolvConf.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map(([, address = ""]) => [
    toNumber(address),
    toNumber(address),
  ]);
}

function fromLittleEndian(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
