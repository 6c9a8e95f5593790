import { findReferences, type ReferenceSearch } from "./references.ts";
import type { ResourceDeclaration, Template } from "./template.ts";
import { templateProblem } from "./template-error.ts";
import type { NodePlace } from "./template-node.ts";

/** For each resource the resources that must be there before it, and where it says so. */
export type DependencyGraph = ReadonlyMap<string, ReadonlyMap<string, NodePlace>>;

/** The graph of the given resources; what they refer to outside of these is no edge. */
export function dependencyGraph(
  template: Template,
  resources: ReadonlyMap<string, ResourceDeclaration>,
  isTrue?: ReferenceSearch["isTrue"],
): DependencyGraph {
  const graph = new Map<string, Map<string, NodePlace>>();
  for (const resource of resources.values()) {
    const edges = new Map<string, NodePlace>();
    const named = resource.dependsOn.map(({ logicalId, place }) => ({ name: logicalId, place }));
    const search = { source: template.source, isTrue };
    const references = resource.properties === undefined ? [] : findReferences(resource.properties, search);
    for (const { name, place } of [...references.filter(({ kind }) => kind !== "condition"), ...named]) {
      if (resources.has(name) && !edges.has(name)) edges.set(name, place);
    }
    graph.set(resource.logicalId, edges);
  }
  return graph;
}

/**
 * Dependencies first; of those that are free at the same time, in the template's order.
 * Throws TEMPLATE_CYCLE where there is no such order.
 */
export function dependencyOrder(graph: DependencyGraph): string[] {
  const waiting = new Set(graph.keys());
  const order: string[] = [];
  while (waiting.size > 0) {
    const free = [...waiting].find((id) => [...(graph.get(id)?.keys() ?? [])].every((other) => !waiting.has(other)));
    if (free === undefined) throw cycleProblem(graph, waiting);
    waiting.delete(free);
    order.push(free);
  }
  return order;
}

/** Names one whole tangle: the resources that depend on each other, directly or through others. */
function cycleProblem(graph: DependencyGraph, waiting: ReadonlySet<string>): Error {
  const reach = new Map([...waiting].map((id) => [id, reachable(graph, id)]));
  const isTangled = (a: string, b: string) => reach.get(a)?.has(b) && reach.get(b)?.has(a);
  const first = [...waiting].find((id) => isTangled(id, id)) as string;
  const members = [...waiting].filter((id) => isTangled(first, id));
  const place = [...(graph.get(first) ?? [])].find(([target]) => members.includes(target))?.[1];
  const hint =
    members.length === 1
      ? `${first} refers to itself here`
      : `${first} refers here to what refers back to it; take one of the references out`;
  const message = `Circular dependency between resources: [${members.join(", ")}]`;
  return templateProblem("TEMPLATE_CYCLE", message, place, hint);
}

function reachable(graph: DependencyGraph, from: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const target of graph.get(id)?.keys() ?? []) {
      if (found.has(target)) continue;
      found.add(target);
      open.push(target);
    }
  }
  return found;
}
