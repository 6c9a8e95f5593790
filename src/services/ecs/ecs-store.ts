import type { Collection, Store } from "../../store/store.ts";

/** A registered revision: what its user gave, with AWS's defaults filled in. Never changed but for its status. */
export interface TaskDefinitionRecord {
  region: string;
  family: string;
  revision: number;
  arn: string;
  status: "ACTIVE" | "INACTIVE";
  /** ISO texts. */
  registeredAt: string;
  deregisteredAt?: string;
  registeredBy: string;
  /** Members of the API's TaskDefinition that the registration determines, as plain JSON. */
  definition: Record<string, unknown>;
  tags: { key: string; value: string }[];
}

export interface EcsStore {
  /** Under `REGION:FAMILY:REVISION` with the revision in ten digits, so that revisions stand in order. */
  taskDefinitions: Collection<TaskDefinitionRecord>;
  /** The newest revision ever registered of `REGION:FAMILY`; numbers are not given twice. */
  revisions: Collection<number>;
  transaction: Store["transaction"];
}

export function openEcsStore(store: Store): EcsStore {
  return {
    taskDefinitions: store.collection("ecs-task-definition"),
    revisions: store.collection("ecs-task-definition-revision"),
    transaction: (work) => store.transaction(work),
  };
}

export const familyKey = (region: string, family: string) => `${region}:${family}`;
export const taskDefinitionKey = (region: string, family: string, revision: number) =>
  `${familyKey(region, family)}:${String(revision).padStart(10, "0")}`;
