import { randomInt } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Unique IDs of 21 characters; roles begin with AROA, policies with ANPA. */
export type IamIdSource = (prefix: "AROA" | "ANPA") => string;

export function createIamId(prefix: "AROA" | "ANPA"): string {
  const rest = Array.from({ length: 17 }, () => alphabet[randomInt(alphabet.length)]);
  return prefix + rest.join("");
}
