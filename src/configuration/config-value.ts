import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { suggestName } from "../template/suggest-name.ts";
import { type SourcePlace, UsageError } from "../usage-error.ts";

/** A value of a configuration file that knows its place. What is not as expected throws UsageError CONFIG_…. */
export interface ConfigValue {
  /** `upstreams.docker.io.fallback` */
  path: string;
  /** A scalar as it is written. */
  text(): string;
  /** Undefined for what is no scalar. */
  findText(): string | undefined;
  list(): ConfigValue[];
  /** A mapping with keys that its owner chooses. */
  entries(): [string, ConfigValue][];
  /** A mapping with known keys; those that are missing or empty are undefined. */
  fields<Key extends string>(known: readonly Key[]): Partial<Record<Key, ConfigValue>>;
  /** Nothing, or `null`. */
  isEmpty(): boolean;
  place: SourcePlace;
  refusal(message: string, hint?: string): UsageError;
}

/** YAML, JSON included. Throws CONFIG_FILE for what is none. */
export function parseConfigValue(text: string, file: string): ConfigValue {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: "core", logLevel: "silent", lineCounter: lines });
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const [summary = error.message] = error.message.split(/ at line \d+|:\n/);
    throw new UsageError("CONFIG_FILE", summary, { ...placeAt(error.pos[0]), cause: error });
  }
  return configValue("", document.contents, (node) => placeAt(node?.range?.[0] ?? 0));
}

type PlaceOf = (node: Node | null | undefined) => SourcePlace;

function configValue(path: string, node: Node | null, placeOf: PlaceOf): ConfigValue {
  const name = path === "" ? "the configuration" : path;
  const refusal = (message: string, hint?: string) =>
    new UsageError("CONFIG_VALUE", message, { ...placeOf(node), ...(hint === undefined ? {} : { hint }) });
  const findText = () => {
    if (!isScalar(node) || node.value === null) return undefined;
    return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  };
  /** Key, its node, and the value. */
  function* members(): Generator<[string, Node, ConfigValue]> {
    if (!isMap(node)) throw refusal(`${name} is not a mapping`);
    for (const { key, value } of node.items as { key: Node; value: Node | null }[]) {
      const label = isScalar(key) ? String(key.value) : "";
      const inner = path === "" ? label : `${path}.${label}`;
      yield [label, key, configValue(inner, value ?? null, (at) => placeOf(at ?? key))];
    }
  }
  return {
    path,
    place: placeOf(node),
    findText,
    refusal,
    text() {
      const text = findText();
      if (text === undefined) throw refusal(`${name} is not a text`);
      return text;
    },
    list() {
      if (!isSeq(node)) throw refusal(`${name} is not a list`, `${path}: [ … ]`);
      return node.items.map((item, index) => configValue(`${path}[${index}]`, item as Node, placeOf));
    },
    entries: () => [...members()].map(([key, _, value]): [string, ConfigValue] => [key, value]),
    fields<Key extends string>(known: readonly Key[]) {
      const found: Partial<Record<Key, ConfigValue>> = {};
      for (const [key, at, value] of members()) {
        const expected = known.find((candidate) => candidate === key);
        if (expected === undefined) {
          const hint = suggestName(key, known) ?? `known here: ${known.join(", ")}`;
          throw new UsageError("CONFIG_KEY", `${name} has no key ${JSON.stringify(key)}`, { ...placeOf(at), hint });
        }
        if (!value.isEmpty()) found[expected] = value;
      }
      return found;
    },
    isEmpty: () => node === null || (isScalar(node) && node.value === null),
  };
}
