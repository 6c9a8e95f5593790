import type { StackStatus } from "@aws-sdk/client-cloudformation";
import type { Principal } from "../../aws-api/service.ts";

/** In whose name, and where, a stack is made: as on AWS, its resources are made with its caller's permissions. */
export interface StackCaller {
  account: string;
  region: string;
  principal: Principal;
}

/** A stack as it is stored: times in milliseconds since 1970, and no value of a NoEcho parameter in clear. */
export interface StackRecord {
  id: string;
  name: string;
  account: string;
  region: string;
  status: StackStatus;
  statusReason?: string;
  created: number;
  deleted?: number;
  template: string;
  description?: string;
  /** As they are shown: `****` for NoEcho. */
  parameters: { key: string; value: string }[];
  /** Sealed JSON of all values by name. */
  sealedParameters: string;
  capabilities: string[];
  tags: { key: string; value: string }[];
  outputs: StackOutput[];
  /** Names of the exports that the stack imports. */
  imports: string[];
  /** In the order of their creation. */
  resources: StackResource[];
  onFailure: "ROLLBACK" | "DO_NOTHING" | "DELETE";
  hasTerminationProtection: boolean;
  clientRequestToken?: string;
  changeSetId?: string;
  eventCount: number;
}

export interface StackOutput {
  key: string;
  /** As it is shown: without secrets. */
  value: string;
  /** The whole value of an export that holds a secret, for the stacks that import it. */
  sealedValue?: string;
  description?: string;
  exportName?: string;
}

export interface StackResource {
  logicalId: string;
  type: string;
  physicalId?: string;
  status: string;
  statusReason?: string;
  time: number;
  deletionPolicy: "Delete" | "Retain" | "RetainExceptOnCreate" | "Snapshot";
  /** Logical IDs of the resources that it needs. */
  dependencies: string[];
  /** Sealed JSON of the properties that it was made with. */
  sealedProperties?: string;
}

export interface StackEvent {
  id: string;
  stackId: string;
  stackName: string;
  logicalId: string;
  physicalId?: string;
  resourceType: string;
  status: string;
  reason?: string;
  clientRequestToken?: string;
  time: number;
}

export interface ChangeSetRecord {
  id: string;
  name: string;
  stackId: string;
  stackName: string;
  description?: string;
  status: "CREATE_COMPLETE" | "FAILED";
  statusReason?: string;
  executionStatus: "AVAILABLE" | "UNAVAILABLE" | "EXECUTE_COMPLETE";
  created: number;
  template: string;
  parameters: StackRecord["parameters"];
  sealedParameters: string;
  capabilities: string[];
  tags: StackRecord["tags"];
  onFailure: StackRecord["onFailure"];
  changes: { logicalId: string; type: string }[];
}

export const stackType = "AWS::CloudFormation::Stack";

/** Whether something is being done to the stack. A stack under review is only a name. */
export function isInProgress({ status }: Pick<StackRecord, "status">): boolean {
  return status.endsWith("_IN_PROGRESS") && status !== "REVIEW_IN_PROGRESS";
}

/** What became of an operation whose process has ended. */
export function interruptedStatus(status: StackStatus): StackStatus {
  if (status.startsWith("DELETE")) return "DELETE_FAILED";
  return status.startsWith("ROLLBACK") ? "ROLLBACK_FAILED" : "CREATE_FAILED";
}
