import { findEntry, type MapNode, type NodePlace, type ResolvedNode } from "./template-node.ts";

/** The place of `/Environment/Image`: of its key, or of the nearest above it that is written. */
export function findPath(root: MapNode<ResolvedNode>, path: string): NodePlace {
  let place = root.place;
  let node: ResolvedNode | undefined = root;
  for (const step of path.split("/").filter((part) => part !== "")) {
    if (node?.kind === "map") {
      place = node.entries.get(step)?.keyPlace ?? place;
      node = findEntry(node, step);
    } else if (node?.kind === "list") {
      node = node.items[Number(step)];
      place = node?.place ?? place;
    } else break;
  }
  return place;
}
