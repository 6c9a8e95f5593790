/** Where a listing begins and ends, and how it groups. */
export interface ListQuery {
  prefix?: string | undefined;
  /** Keys that share what stands before the first delimiter after the prefix come as one common prefix. */
  delimiter?: string | undefined;
  /** Key or common prefix that the page before ended with. */
  after?: string | undefined;
  limit: number;
}

export interface ListPage<Item> {
  items: Item[];
  commonPrefixes: string[];
  isTruncated: boolean;
  /** What the page ends with; give it as `after` for the next one. */
  last?: string;
}

/** `items` in the order of their keys; several items may share a key, and stay together. */
export function listPage<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  query: ListQuery,
): ListPage<Item> {
  const { prefix = "", delimiter, after, limit } = query;
  const page: ListPage<Item> = { items: [], commonPrefixes: [], isTruncated: false };
  const found = new Set<string>();
  for (const item of items) {
    const key = keyOf(item);
    if (!key.startsWith(prefix)) continue;
    const group = commonPrefixOf(key, prefix, delimiter);
    if (group !== undefined && (group === after || found.has(group))) continue;
    if (after !== undefined && compareKeys(key, after) <= 0) continue;
    if (page.items.length + page.commonPrefixes.length >= limit) {
      page.isTruncated = limit > 0;
      break;
    }
    if (group === undefined) page.items.push(item);
    else page.commonPrefixes.push(group);
    if (group !== undefined) found.add(group);
    page.last = group ?? key;
  }
  return page;
}

function commonPrefixOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === "") return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** S3 orders by UTF-8 bytes, JavaScript by UTF-16 units. */
export function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
