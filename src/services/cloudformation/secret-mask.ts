import { UsageError } from "../../usage-error.ts";

/** Takes secret values out of texts that people see: reasons of failures, outputs. */
export interface SecretMask {
  /** Values that become known later, such as those of dynamic references. */
  add(value: string): void;
  mask(text: string): string;
}

/** A value of fewer letters is a part of many words: it is masked only where it stands alone. */
const least = 4;

export function secretMask(values: Iterable<string> = []): SecretMask {
  const secrets = new Set<string>();
  const add = (value: string) => {
    if (value === "") return;
    secrets.add(value);
    // As it stands inside JSON, where the two differ.
    secrets.add(JSON.stringify(value).slice(1, -1));
  };
  for (const value of values) add(value);
  return {
    add,
    mask(text) {
      // The longest first: one secret may be a part of another.
      const sorted = [...secrets].sort((a, b) => b.length - a.length);
      return sorted.reduce((masked, secret) => masked.replaceAll(patternOf(secret), "****"), text);
    },
  };
}

function patternOf(secret: string): RegExp | string {
  if (secret.length >= least) return secret;
  const escaped = secret.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "gu");
}

/**
 * The same problem of a template without the secrets. Its words are the template's and AWS's, in which a short value
 * would be found by chance: only long ones are masked. Its cause may hold them, and is left out.
 */
export function maskUsageError(error: UsageError, secrets: Iterable<string>): UsageError {
  const { mask } = secretMask([...secrets].filter((secret) => secret.length >= least));
  const hint = error.hint === undefined ? {} : { hint: mask(error.hint) };
  return new UsageError(error.code, mask(error.message), { ...error.place, ...hint });
}
