import { isMap, isScalar, type Node } from "yaml";

/** `!Sub …`, `{"Fn::Sub": …}`: a function with its argument. */
export interface TemplateCall {
  /** `Ref`, `Condition` or `Fn::Name`. */
  name: string;
  /** Of a short form it is the tagged node itself, whose tag says nothing about it any more. */
  argument: Node;
}

/** The function that a node calls, as far as it is written as one. */
export function findCall(node: Node | undefined): TemplateCall | undefined {
  if (node === undefined) return undefined;
  const { tag } = node as { tag?: unknown };
  if (typeof tag === "string" && /^![A-Za-z]/.test(tag)) {
    const short = tag.slice(1);
    return { name: short === "Ref" || short === "Condition" ? short : `Fn::${short}`, argument: node };
  }
  if (!isMap(node) || node.items.length !== 1) return undefined;
  const [pair] = node.items;
  if (pair === undefined || !isScalar(pair.key) || typeof pair.key.value !== "string") return undefined;
  const name = pair.key.value;
  if (name !== "Ref" && !name.startsWith("Fn::")) return undefined;
  return { name, argument: pair.value as Node };
}
