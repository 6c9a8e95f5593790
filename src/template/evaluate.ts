import { intrinsicFunctions } from "./intrinsic-functions.ts";
import type { ParameterValue } from "./resolve-parameters.ts";
import type { Template } from "./template.ts";
import { templateProblem } from "./template-error.ts";
import type { CallNode, MapEntry, NodePlace, ResolvedNode, TemplateNode } from "./template-node.ts";

/** The values of `AWS::…` names. */
export interface PseudoParameters {
  "AWS::AccountId": string;
  "AWS::Region": string;
  "AWS::Partition": string;
  "AWS::URLSuffix": string;
  "AWS::StackName": string;
  "AWS::StackId": string;
  "AWS::NotificationARNs": readonly string[];
}

/** What a template's functions are evaluated against. */
export interface EvaluationScope {
  template: Template;
  parameters: ReadonlyMap<string, ParameterValue>;
  pseudo: PseudoParameters;
  isTrue(condition: string, place: NodePlace): boolean;
  /** Value of a resource's Ref; undefined where it is not known before the resource is created. */
  ref(logicalId: string, place: NodePlace): string | undefined;
  getAtt(logicalId: string, attribute: string, place: NodePlace): string | undefined;
  /** Value that another stack of the account and region exports. */
  findExport(name: string): string | undefined;
  /** Whether a stack that is made before this one will export it: then it is unknown as yet. */
  willExport(name: string): boolean;
}

/**
 * Evaluates every function in a node. Returns undefined for `AWS::NoValue`, which takes the property or list item with
 * it. Throws a TEMPLATE_… UsageError in AWS's words for the first thing that is wrong.
 */
export function evaluate(node: TemplateNode, scope: EvaluationScope): ResolvedNode | undefined {
  switch (node.kind) {
    case "scalar":
      return node;
    case "list": {
      const items = node.items.map((item) => evaluate(item, scope)).filter((item) => item !== undefined);
      return { kind: "list", items, place: node.place };
    }
    case "map": {
      const entries = new Map<string, MapEntry<ResolvedNode>>();
      for (const [key, { keyPlace, value }] of node.entries) {
        const resolved = evaluate(value, scope);
        if (resolved !== undefined) entries.set(key, { keyPlace, value: resolved });
      }
      return { kind: "map", entries, place: node.place };
    }
    case "call":
      return evaluateCall(node, scope);
  }
}

function evaluateCall(call: CallNode, scope: EvaluationScope): ResolvedNode | undefined {
  const run = Object.hasOwn(intrinsicFunctions, call.name) ? intrinsicFunctions[call.name] : undefined;
  if (run === undefined) throw unsupportedFunction(call);
  return run(call, scope, (node) => evaluate(node, scope));
}

export function unsupportedFunction({ name, place }: CallNode): Error {
  return templateProblem("TEMPLATE_UNSUPPORTED", `${name} is not supported by chubo here`, place);
}
