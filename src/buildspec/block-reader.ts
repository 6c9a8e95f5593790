import type { BuildspecNodes, Entries } from "./buildspec-node.ts";

/** The keys of a block that have an effect here, and those that have one on AWS alone. */
export interface BlockKeys {
  known: readonly string[];
  notHere: readonly string[];
}

/** What the readers of a buildspec's blocks share: its nodes, and the account of the keys that have no effect. */
export interface BlockReader {
  nodes: BuildspecNodes;
  root: Entries;
  /** Remembers the keys of a block that nobody knows, and those that are not carried out. Prefix: `phases.build.`. */
  sortKeys(block: Entries, keys: BlockKeys, prefix: string): void;
  keysWithoutEffect(): { notCarriedOut: string[]; unknownKeys: string[] };
  /** `yes`, `true` and `on`, in any case. False where the key is not there. */
  flag(block: Entries | undefined, key: string): boolean;
  /** A whole number that is not negative; undefined where the key is not there. */
  wholeNumber(block: Entries | undefined, key: string): number | undefined;
}

export function openBlockReader(nodes: BuildspecNodes, root: Entries): BlockReader {
  const notCarriedOut = new Set<string>();
  const unknown = new Set<string>();
  return {
    nodes,
    root,
    sortKeys(block, { known, notHere }, prefix) {
      for (const [key, node] of block) {
        if (notHere.includes(key)) notCarriedOut.add(`${prefix}${key}`);
        else if (!known.includes(key)) unknown.add(`${prefix}${key} (line ${nodes.lineOf(node) ?? "?"})`);
      }
    },
    keysWithoutEffect: () => ({ notCarriedOut: [...notCarriedOut], unknownKeys: [...unknown] }),
    flag: (block, key) => ["yes", "true", "on"].includes(nodes.text(block?.get(key))?.toLowerCase() ?? ""),
    wholeNumber(block, key) {
      const node = block?.get(key);
      const text = nodes.text(node);
      if (text === undefined) return undefined;
      if (/^\d{1,9}$/.test(text)) return Number(text);
      throw nodes.refusal(`Expected ${key} to be a whole number: found ${text}`, node);
    },
  };
}
