import { isIP } from "node:net";

/**
 * Whom Docker Hub counts for an address, as in its `docker-ratelimit-source` header:
 * the IPv4 address, or the /64 of an IPv6 address (`2600:3c00::`). Throws an Error for what is no address.
 */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, "").replace(/^\[(.*)\]$/, "$1");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
  const version = isIP(mapped);
  if (version === 4) return mapped;
  if (version === 6) return shortestForm([...groupsOf(mapped).slice(0, 4), "0", "0", "0", "0"].join(":"));
  throw new Error(`not an IP address: ${address}`);
}

function groupsOf(address: string): string[] {
  const [head = "", tail] = shortestForm(address).split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left;
  const right = tail === "" ? [] : tail.split(":");
  return [...left, ...new Array<string>(8 - left.length - right.length).fill("0"), ...right];
}

/** URL writes an IPv6 host in the form of RFC 5952, with hexadecimal groups only. */
function shortestForm(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
