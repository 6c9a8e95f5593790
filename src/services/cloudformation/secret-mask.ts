import { UsageError } from "../../usage-error.ts";

/** Takes secret values out of texts that people see: reasons of failures, outputs. */
export interface SecretMask {
  /** Values that become known later, such as those of dynamic references. */
  add(value: string): void;
  mask(text: string): string;
}

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
      return sorted.reduce((masked, secret) => masked.replaceAll(secret, "****"), text);
    },
  };
}

/** The same error without the secrets. Its cause may hold them, and is left out. */
export function maskUsageError(error: UsageError, { mask }: SecretMask): UsageError {
  const hint = error.hint === undefined ? {} : { hint: mask(error.hint) };
  return new UsageError(error.code, mask(error.message), { ...error.place, ...hint });
}
