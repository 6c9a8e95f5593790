import type * as Sdk from "@aws-sdk/client-secrets-manager";
import { describeListedSecret } from "./describe-secret.ts";
import type { SecretRecord } from "./secret.ts";
import { secretsManagerError, unsupported } from "./secretsmanager-error.ts";

/** Oldest first; a page's token is the place in that order. */
export function listSecrets(secrets: SecretRecord[], input: Sdk.ListSecretsCommandInput) {
  if (input.SortBy !== undefined && input.SortBy !== "created-date") throw unsupported("SortBy of ListSecrets");
  const shown = secrets
    .filter(({ deletion }) => deletion === undefined || input.IncludePlannedDeletion === true)
    .filter((secret) => (input.Filters ?? []).every((filter) => matches(secret, filter)))
    .sort((one, other) => one.created - other.created || (one.name < other.name ? -1 : 1));
  if (input.SortOrder === "desc") shown.reverse();
  const { items, NextToken } = takePage(shown, input);
  return { SecretList: items.map(describeListedSecret), ...(NextToken !== undefined && { NextToken }) };
}

export function takePage<Item>(
  items: Item[],
  { MaxResults: size = 100, NextToken: token }: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { items: Item[]; NextToken?: string } {
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    const message = `1 validation error detected: Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 100`;
    throw secretsManagerError("ValidationException", message);
  }
  const place = token === undefined ? "0" : Buffer.from(token, "base64url").toString();
  const start = /^\d{1,9}$/.test(place) ? Number(place) : undefined;
  if (start === undefined) {
    throw secretsManagerError("InvalidNextTokenException", "The NextToken value is invalid.");
  }
  const end = start + size;
  const page = items.slice(start, end);
  return end < items.length
    ? { items: page, NextToken: Buffer.from(String(end)).toString("base64url") }
    : { items: page };
}

/**
 * One of the filter's values begins what it is about; `!` before a value turns it around.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html
 */
function matches(
  { name, description = "", tags }: SecretRecord,
  { Key: key, Values: values = [] }: Sdk.Filter,
): boolean {
  const keys = tags.map((tag) => tag.Key ?? "");
  const tagValues = tags.map((tag) => tag.Value ?? "");
  const words = description.split(/\s+/);
  const texts = new Map<string, string[]>([
    ["name", [name]],
    ["description", words],
    ["tag-key", keys],
    ["tag-value", tagValues],
    ["all", [name, ...name.split(/[^a-zA-Z0-9]+/), ...words, ...keys, ...tagValues]],
  ]);
  const about = texts.get(key ?? "all");
  if (about === undefined) throw unsupported(`the filter ${key} of ListSecrets`);
  // Names and tags are compared by case, descriptions and "all" are not.
  const fold = key === "description" || key === "all" ? (text: string) => text.toLowerCase() : (text: string) => text;
  const begins = (value: string) => about.some((text) => fold(text).startsWith(fold(value)));
  return values.some((value) => (value.startsWith("!") ? !begins(value.slice(1)) : begins(value)));
}
