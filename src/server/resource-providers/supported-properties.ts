import { AwsError } from "../../aws-api/aws-error.ts";

/** Refuses by name what a provider would have to drop: a template must not seem to have what it has not. */
export function supportOnly(type: string, properties: Record<string, unknown>, supported: readonly string[]): void {
  const unsupported = Object.keys(properties).filter((name) => !supported.includes(name));
  if (unsupported.length === 0) return;
  const names = unsupported.join(", ");
  throw new AwsError("ValidationError", `Chubo does not support ${names} of ${type} yet (see docs/deviations.md)`);
}

/** `ContainerDefinitions` → `containerDefinitions`, all the way down: the API's names of what a template writes. */
export function lowerCamel(value: unknown, keepKeysOf: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => lowerCamel(item, keepKeysOf));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const name = key.charAt(0).toLowerCase() + key.slice(1);
      return [name, keepKeysOf.includes(name) ? member : lowerCamel(member, keepKeysOf)];
    }),
  );
}

/** Succeeds where the resource is gone already; any other refusal goes on. */
export async function unlessGone(work: Promise<unknown>, ...names: string[]): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AwsError && names.includes(error.name))) throw error;
  }
}
