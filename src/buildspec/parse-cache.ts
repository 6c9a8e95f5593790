import type { BlockReader } from "./block-reader.ts";
import type { CacheBlock } from "./buildspec.ts";
import { readMap, readTexts } from "./buildspec-node.ts";

const keys = { known: ["key", "fallback-keys", "action", "paths"], notHere: [] };
const mostFallbackKeys = 5;

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.cache */
export function parseCache(reader: BlockReader): CacheBlock | undefined {
  const { nodes, root } = reader;
  const block = readMap(nodes, root, "cache");
  if (block === undefined) return undefined;
  reader.sortKeys(block, keys, "cache.");
  const action = nodes.text(block.get("action"));
  if (action !== undefined && action !== "restore" && action !== "save") {
    throw nodes.refusal(`cache.action ${action} is not known`, block.get("action"), "restore, save, or none for both");
  }
  const key = nodes.text(block.get("key"));
  const fallbackKeys = readTexts(nodes, block, "fallback-keys");
  if (fallbackKeys.length > mostFallbackKeys) {
    throw nodes.refusal(`cache.fallback-keys has more than ${mostFallbackKeys} keys`, block.get("fallback-keys"));
  }
  return {
    key,
    // Without a key they mean nothing, on AWS too.
    fallbackKeys: key === undefined ? [] : fallbackKeys,
    action: action ?? "both",
    paths: readTexts(nodes, block, "paths"),
  };
}
