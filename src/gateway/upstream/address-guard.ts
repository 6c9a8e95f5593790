import { lookup as lookupName } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/**
 * Keeps what an upstream or a client names (a redirect, a realm, a registry's host) from leading into the network that
 * the gateway stands in. It looks at the address that is connected to, so that no name can change its meaning in between.
 */
export interface AddressGuard {
  /** For `node:net`, which asks it for each name. */
  lookup: LookupFunction;
  /** `node:net` asks nobody about an address that is written out. `hostname` as a URL has it. Throws ForbiddenAddress. */
  check(hostname: string): void;
}

export class ForbiddenAddress extends Error {
  override readonly name = "ForbiddenAddress";

  constructor(hostname: string) {
    super(`${hostname} is a private address`);
  }
}

/**
 * `ownHost` is the one that the gateway's owner wrote down for this upstream: it may be private, and an upstream that
 * is private may lead to its neighbours, such as the store of its blobs.
 */
export function createAddressGuard(ownHost: string | undefined, isPrivate = isPrivateAddress): AddressGuard {
  let isOpen = false;
  const own = ownHost === undefined ? undefined : bare(ownHost);

  function check(hostname: string, address: string): void {
    if (isOpen || !isPrivate(address)) return;
    if (hostname !== own) throw new ForbiddenAddress(hostname);
    isOpen = true;
  }

  return {
    check(hostname) {
      const address = bare(hostname);
      if (isIP(address) !== 0) check(address, address);
    },
    lookup(hostname, options, callback) {
      lookupName(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, []);
        try {
          for (const { address } of addresses) check(hostname, address);
        } catch (forbidden) {
          return callback(forbidden as Error, []);
        }
        const [first] = addresses;
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? "", first?.family);
      });
    },
  };
}

/** IPv6 addresses stand in brackets in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sister: what is not reached globally. */
const notGlobal4: readonly [network: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
const notGlobal6: readonly [network: string, prefix: number][] = [
  ["::", 128],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

/** An address that holds an IPv4 one (mapped, NAT64, 6to4) is what that one is. */
export function isPrivateAddress(address: string): boolean {
  const list = new BlockList();
  const family = isIP(address);
  if (family === 0) return true;
  for (const [network, prefix] of notGlobal4) list.addSubnet(network, prefix, "ipv4");
  if (family === 4) return list.check(address, "ipv4");
  for (const [network, prefix] of notGlobal6) list.addSubnet(network, prefix, "ipv6");
  for (const [network, prefix] of notGlobal4) {
    const [high = "", low = ""] = toHexadecimal(network);
    list.addSubnet(`64:ff9b::${high}:${low}`, 96 + prefix, "ipv6");
    list.addSubnet(`2002:${high}:${low}::`, 16 + prefix, "ipv6");
  }
  return list.check(address.replace(/%.*$/, ""), "ipv6");
}

function toHexadecimal(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  return [a * 256 + b, c * 256 + d].map((group) => group.toString(16));
}
