import { AwsError } from "../../aws-api/aws-error.ts";
import type { Store } from "../../store/store.ts";
import type { ChangeSetRecord, StackEvent, StackRecord } from "./stack.ts";

/** Keys: a stack's ARN; for its events and change sets, the ARN, a space, and a number or name. */
export interface CloudFormationStore {
  /** By name or ID; a deleted stack is found by its ID alone. */
  findStack(nameOrId: string, region: string): StackRecord | undefined;
  /** Throws ValidationError `Stack with id X does not exist`. */
  getStack(nameOrId: string | undefined, region: string): StackRecord;
  listStacks(region?: string): StackRecord[];
  putStack(stack: StackRecord): void;
  putEvent(event: StackEvent, sequence: number): void;
  /** The newest first. */
  listEvents(stackId: string): StackEvent[];
  findChangeSet(nameOrId: string, stackId: string): ChangeSetRecord | undefined;
  /** By an ARN alone, or by name and stack. Throws ChangeSetNotFound. */
  getChangeSet(nameOrId: string | undefined, stackNameOrId: string | undefined, region: string): ChangeSetRecord;
  listChangeSets(stackId: string): ChangeSetRecord[];
  putChangeSet(changeSet: ChangeSetRecord): void;
  deleteChangeSet(changeSet: ChangeSetRecord): void;
}

export function openCloudFormationStore(store: Store): CloudFormationStore {
  const stacks = store.collection<StackRecord>("cloudformation-stack");
  const events = store.collection<StackEvent>("cloudformation-event");
  const changeSets = store.collection<ChangeSetRecord>("cloudformation-change-set");

  const listStacks = (region?: string) => stacks.list(region === undefined ? "" : `arn:aws:cloudformation:${region}:`);
  const findStack = (nameOrId: string, region: string) =>
    stacks.get(nameOrId) ??
    listStacks(region).find(({ name, status }) => name === nameOrId && status !== "DELETE_COMPLETE");
  const getStack = (nameOrId: string | undefined, region: string) => {
    const stack = findStack(nameOrId ?? "", region);
    if (stack !== undefined) return stack;
    throw new AwsError("ValidationError", `Stack with id ${nameOrId} does not exist`);
  };
  const findChangeSet = (nameOrId: string, stackId: string) =>
    changeSets.list(`${stackId} `).find(({ id, name }) => id === nameOrId || name === nameOrId);
  return {
    findStack,
    getStack,
    listStacks,
    putStack: (stack) => stacks.put(stack.id, stack),
    putEvent: (event, sequence) => events.put(`${event.stackId} ${String(sequence).padStart(9, "0")}`, event),
    listEvents: (stackId) => events.list(`${stackId} `).reverse(),
    findChangeSet,
    getChangeSet(nameOrId = "", stackNameOrId, region) {
      const found =
        stackNameOrId === undefined
          ? changeSets.list().find(({ id }) => id === nameOrId)
          : findChangeSet(nameOrId, getStack(stackNameOrId, region).id);
      if (found === undefined) throw new AwsError("ChangeSetNotFound", `ChangeSet [${nameOrId}] does not exist`);
      return found;
    },
    listChangeSets: (stackId) => changeSets.list(`${stackId} `),
    putChangeSet: (changeSet) => changeSets.put(`${changeSet.stackId} ${changeSet.name}`, changeSet),
    deleteChangeSet: (changeSet) => void changeSets.delete(`${changeSet.stackId} ${changeSet.name}`),
  };
}
