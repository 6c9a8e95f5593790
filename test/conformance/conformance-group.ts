// A case is one request of the distribution spec with what it must be answered, after the cases before it in its group.
import assert from "node:assert/strict";
import type { Answer, RegistryClient } from "./registry-client.ts";

export interface ConformanceCase {
  name: string;
  run(registry: RegistryClient): Promise<void>;
}

export interface ConformanceGroup {
  name: string;
  cases: ConformanceCase[];
}

export function expectStatus(answer: Answer, ...allowed: number[]): void {
  assert.ok(
    allowed.includes(answer.status),
    `status ${answer.status} instead of ${allowed.join(" or ")}: ${answer.body.toString("utf8").slice(0, 300)}`,
  );
}

/** The `Location` that an answer must have. */
export function locationOf({ headers }: Answer): string {
  assert.ok(headers.location, "Location is missing");
  return headers.location;
}

/** A location with one more query parameter; it may have critical ones already. */
export function withQuery(location: string, name: string, value: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
}

/** A refusal has a body of the spec's form with one of these codes. */
export function expectError(answer: Answer, status: number | readonly number[], ...codes: string[]): void {
  expectStatus(answer, ...[status].flat());
  const { errors } = JSON.parse(answer.body.toString("utf8")) as { errors: { code: string }[] };
  const found = errors.map(({ code }) => code);
  assert.ok(
    found.some((code) => codes.includes(code)),
    `error ${found.join(", ")} instead of ${codes.join(" or ")}`,
  );
}
