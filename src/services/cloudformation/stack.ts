/** CloudFormation's statuses, as far as stacks here come to them. */
export type StackStatus =
  | "REVIEW_IN_PROGRESS"
  | "CREATE_IN_PROGRESS"
  | "CREATE_COMPLETE"
  | "CREATE_FAILED"
  | "ROLLBACK_IN_PROGRESS"
  | "ROLLBACK_COMPLETE"
  | "ROLLBACK_FAILED"
  | "DELETE_IN_PROGRESS"
  | "DELETE_COMPLETE"
  | "DELETE_FAILED";

/** A stack as it is stored. NoEcho parameters stand in it as `****`; times in milliseconds since 1970. */
export interface StackRecord {
  id: string;
  name: string;
  status: StackStatus;
  statusReason?: string;
  created: number;
  deleted?: number;
  template: string;
  description?: string;
  parameters: { key: string; value: string }[];
  capabilities: string[];
  outputs: Record<string, string>;
  resources: StackResource[];
  disableRollback: boolean;
}

export interface StackResource {
  logicalId: string;
  type: string;
  physicalId?: string;
  status: string;
  statusReason?: string;
  time: number;
  retain: boolean;
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
  time: number;
}

export interface ChangeSetRecord {
  id: string;
  name: string;
  stackId: string;
  status: "CREATE_COMPLETE" | "FAILED";
  statusReason?: string;
  executionStatus: "AVAILABLE" | "UNAVAILABLE" | "EXECUTE_COMPLETE";
  created: number;
  changes: { logicalId: string; type: string }[];
  /** Sealed: they may hold NoEcho values. */
  sealedParameters: string;
}
