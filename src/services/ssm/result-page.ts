import { constraintError, ssmError } from "./ssm-error.ts";

/** A page of a list; its token is the place in the list's order. */
export function takePage<Item>(
  items: readonly Item[],
  { MaxResults: size, NextToken: token }: { MaxResults?: number | undefined; NextToken?: string | undefined },
  largest: number,
): { items: Item[]; NextToken?: string } {
  const count = size ?? largest;
  if (count < 1) throw constraintError(count, "maxResults", "Member must have value greater than or equal to 1");
  if (count > largest) {
    throw constraintError(count, "maxResults", `Member must have value less than or equal to ${largest}`);
  }
  const place = token === undefined ? "0" : Buffer.from(token, "base64url").toString();
  if (!/^\d{1,9}$/.test(place)) throw ssmError("InvalidNextToken", "The specified token is invalid.");
  const end = Number(place) + count;
  const page = items.slice(Number(place), end);
  return end < items.length
    ? { items: page, NextToken: Buffer.from(String(end)).toString("base64url") }
    : { items: page };
}
