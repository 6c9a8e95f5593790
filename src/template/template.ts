import type { MapNode, NodePlace, TemplateNode } from "./template-node.ts";
import type { TemplateSource } from "./template-source.ts";

/** A template whose structure is sound: sections, members and names. References and values are not yet checked. */
export interface Template {
  source: TemplateSource;
  root: MapNode<TemplateNode>;
  description: string | undefined;
  parameters: ReadonlyMap<string, ParameterDeclaration>;
  mappings: ReadonlyMap<string, MapNode<TemplateNode>>;
  conditions: ReadonlyMap<string, ConditionDeclaration>;
  rules: ReadonlyMap<string, RuleDeclaration>;
  resources: ReadonlyMap<string, ResourceDeclaration>;
  outputs: ReadonlyMap<string, OutputDeclaration>;
  metadata: TemplateNode | undefined;
}

export interface ParameterDeclaration {
  name: string;
  type: string;
  description: string | undefined;
  /** Text of the default, as it would be given on a command line. */
  default: string | undefined;
  noEcho: boolean;
  allowedValues: readonly string[] | undefined;
  allowedPattern: string | undefined;
  constraintDescription: string | undefined;
  minLength: number | undefined;
  maxLength: number | undefined;
  minValue: number | undefined;
  maxValue: number | undefined;
  place: NodePlace;
}

export interface ConditionDeclaration {
  name: string;
  value: TemplateNode;
  place: NodePlace;
}

export interface RuleDeclaration {
  name: string;
  ruleCondition: TemplateNode | undefined;
  assertions: readonly { assert: TemplateNode; description: string | undefined; place: NodePlace }[];
  place: NodePlace;
}

export type DeletionPolicy = "Delete" | "Retain" | "RetainExceptOnCreate" | "Snapshot";

export interface ResourceDeclaration {
  logicalId: string;
  type: string;
  typePlace: NodePlace;
  properties: MapNode<TemplateNode> | undefined;
  condition: { name: string; place: NodePlace } | undefined;
  dependsOn: readonly { logicalId: string; place: NodePlace }[];
  deletionPolicy: DeletionPolicy;
  deletionPolicyPlace: NodePlace | undefined;
  /** Where the resource has a CreationPolicy. */
  creationPolicyPlace: NodePlace | undefined;
  place: NodePlace;
}

export interface OutputDeclaration {
  name: string;
  value: TemplateNode;
  description: string | undefined;
  exportName: TemplateNode | undefined;
  condition: { name: string; place: NodePlace } | undefined;
  place: NodePlace;
}
