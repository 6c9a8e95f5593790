import { invalidParameter } from "./ecr-errors.ts";

/** One page of a list; `keyOf` gives each item's place, and the token is the last one's. */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  input: { nextToken?: string | undefined; maxResults?: number | undefined },
): { page: Item[]; nextToken?: string } {
  const { maxResults = 100 } = input;
  if (maxResults < 1 || maxResults > 1000) {
    throw invalidParameter(
      "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value between 1 and 1000'",
    );
  }
  const start = input.nextToken === undefined ? 0 : findStart(items, keyOf, input.nextToken);
  const page = items.slice(start, start + maxResults);
  const last = page.at(-1);
  if (last === undefined || start + maxResults >= items.length) return { page };
  return { page, nextToken: Buffer.from(keyOf(last)).toString("base64url") };
}

function findStart<Item>(items: readonly Item[], keyOf: (item: Item) => string, nextToken: string): number {
  const key = Buffer.from(nextToken, "base64url").toString("utf8");
  const place = items.findIndex((item) => keyOf(item) === key);
  // Also where the item has been deleted since.
  if (place < 0)
    throw invalidParameter("Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'");
  return place + 1;
}
