import { invalidParameter } from "./logs-error.ts";

/** One page of a list; the token is the key of the page's last item. */
export function pageOf<T>(
  list: readonly T[],
  keyOf: (item: T) => string,
  { nextToken: token, limit }: { nextToken: string | undefined; limit: number },
): { items: T[]; nextToken?: string } {
  const last = token === undefined ? undefined : Buffer.from(token, "base64url").toString();
  const start = last === undefined ? 0 : list.findIndex((item) => keyOf(item) === last) + 1;
  if (last !== undefined && start === 0) throw invalidParameter("The specified nextToken is invalid.");
  const items = list.slice(start, start + limit);
  const end = items.at(-1);
  if (end === undefined || start + limit >= list.length) return { items };
  return { items, nextToken: Buffer.from(keyOf(end)).toString("base64url") };
}
