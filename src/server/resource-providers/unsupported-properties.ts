import type { UnsupportedProperty } from "../../services/cloudformation/resource-provider.ts";

/** Refuses by name what a provider would have to drop: a template must not seem to have what it has not. */
export function otherThan(...supported: string[]) {
  return (properties: Record<string, unknown>): UnsupportedProperty[] =>
    Object.keys(properties)
      .filter((name) => !supported.includes(name))
      .map((name) => ({ path: `/${name}` }));
}

/** A property of which Chubo knows only what it does not change: any other value is refused. */
export function onlyAs(
  properties: Record<string, unknown>,
  name: string,
  values: readonly unknown[],
): UnsupportedProperty[] {
  const value = properties[name];
  if (value === undefined || values.includes(value)) return [];
  return [{ path: `/${name}`, reason: `chubo supports ${values.join(", ")} only` }];
}
