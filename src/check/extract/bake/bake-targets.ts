import { type FindVariable, findEditPlace, resolveVariables, type Variable } from "../variables/resolve-variables.ts";
import { partsOf, placesOf } from "./bake-text.ts";
import type { BakeBlock, BakeBody, BakeValue } from "./bake-value.ts";

/** A target with what it takes over from others. */
export interface BakeTarget {
  name: string;
  block: BakeBlock;
  /** Its own, or the inherited one. */
  find(member: string): BakeValue | undefined;
  /** Of a map that is joined with the inherited ones: `args`, `contexts`. */
  pairs(member: string): ReadonlyMap<string, BakeValue>;
}

/** `variable` blocks and attributes at the top, with their defaults. The environment may set others. */
export function readVariables({ entries, blocks }: BakeBody): FindVariable {
  const values = new Map<string, BakeValue | undefined>(entries.map(({ key, value }) => [key, value]));
  for (const { type, labels, entries: inBlock } of blocks) {
    if (type === "variable") values.set(labels[0] ?? "", inBlock.find(({ key }) => key === "default")?.value);
  }
  const known = new Map<string, Variable>();
  const find: FindVariable = (name) => {
    const before = known.get(name);
    if (before !== undefined || !values.has(name)) return before;
    // A variable that leads to itself comes to nothing.
    known.set(name, { value: undefined, dependsOn: [name] });
    const variable = resolveDefault(name, values.get(name), find);
    known.set(name, variable);
    return variable;
  };
  return find;
}

function resolveDefault(name: string, value: BakeValue | undefined, find: FindVariable): Variable {
  const parts = value && partsOf(value);
  if (value === undefined || parts === undefined) return { value: undefined, dependsOn: [name] };
  const { text, dependsOn } = resolveVariables(parts, find);
  const edit = findEditPlace(parts, find, (range) => placesOf(value)?.findRange(range));
  return { value: text, dependsOn: [...new Set([name, ...dependsOn])], ...(edit && { edit }) };
}

const longestChain = 20;

export function readTargets({ blocks }: BakeBody): BakeTarget[] {
  const byName = new Map<string, BakeBlock>();
  for (const block of blocks) if (block.type === "target") byName.set(block.labels[0] ?? "", block);
  return [...byName].map(([name, block]) => {
    const chain = lineage(byName, block);
    const find = (member: string) => chain.map((from) => memberOf(from, member)).find((value) => value !== undefined);
    const pairs = (member: string) => {
      const joined = new Map<string, BakeValue>();
      for (const from of chain.toReversed()) {
        const value = memberOf(from, member);
        if (value?.kind === "map") for (const { key, value: of } of value.entries) joined.set(key, of);
      }
      return joined;
    };
    return { name, block, find, pairs };
  });
}

function memberOf({ entries }: BakeBlock, member: string): BakeValue | undefined {
  return entries.findLast(({ key }) => key === member)?.value;
}

/** The block and those that it inherits from, the nearest first; of several the last one counts most. */
function lineage(byName: ReadonlyMap<string, BakeBlock>, block: BakeBlock): BakeBlock[] {
  const chain = new Set<BakeBlock>();
  const open = [block];
  for (let next = open.shift(); next !== undefined && chain.size < longestChain; next = open.shift()) {
    if (chain.has(next)) continue;
    chain.add(next);
    const inherits = memberOf(next, "inherits");
    const names = inherits?.kind === "list" ? inherits.items : [];
    for (const item of names.toReversed()) {
      const base = item.kind === "text" ? byName.get(item.text.text) : undefined;
      if (base !== undefined) open.push(base);
    }
  }
  return [...chain];
}
