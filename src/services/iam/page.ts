import { validationError } from "./iam-error.ts";

export interface Page<T> {
  items: T[];
  IsTruncated: boolean;
  Marker?: string;
}

/** One page of a list that stands in the order of its keys; the marker is the key of the page's last item. */
export function pageOf<T>(
  list: readonly T[],
  keyOf: (item: T) => string,
  { Marker: marker, MaxItems: max = 100 }: { Marker?: string | undefined; MaxItems?: number | undefined },
): Page<T> {
  const last = marker === undefined ? undefined : Buffer.from(marker, "base64url").toString();
  const start = last === undefined ? 0 : list.findIndex((item) => keyOf(item) === last) + 1;
  if (last !== undefined && start === 0) throw validationError("Invalid Marker.");
  const items = list.slice(start, start + max);
  const end = items.at(-1);
  if (end === undefined || start + max >= list.length) return { items, IsTruncated: false };
  return { items, IsTruncated: true, Marker: Buffer.from(keyOf(end)).toString("base64url") };
}
