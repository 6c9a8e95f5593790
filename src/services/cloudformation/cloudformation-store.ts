import { AwsError } from "../../aws-api/aws-error.ts";
import type { Store } from "../../store/store.ts";
import type { ChangeSetRecord, StackEvent, StackRecord } from "./stack.ts";

export interface CloudFormationStore {
  /** By name or ID; a deleted stack is found by its ID alone. */
  findStack(nameOrId: string | undefined): StackRecord | undefined;
  /** Throws ValidationError `Stack with id X does not exist`. */
  getStack(nameOrId: string | undefined): StackRecord;
  listStacks(): StackRecord[];
  putStack(stack: StackRecord): void;
  addEvent(event: StackEvent): void;
  /** The newest first. */
  listEvents(stackId: string): StackEvent[];
  findChangeSet(stackId: string, nameOrId: string | undefined): ChangeSetRecord | undefined;
  putChangeSet(changeSet: ChangeSetRecord): void;
  deleteChangeSet(changeSet: ChangeSetRecord): void;
}

export function openCloudFormationStore(store: Store): CloudFormationStore {
  const stacks = store.collection<StackRecord>("cloudformation.stack");
  const events = store.collection<StackEvent>("cloudformation.event");
  const changeSets = store.collection<ChangeSetRecord>("cloudformation.change-set");
  let sequence = events.list().length;
  const findStack = (nameOrId = "") =>
    stacks.get(nameOrId) ?? stacks.list().find(({ name, status }) => name === nameOrId && status !== "DELETE_COMPLETE");
  return {
    findStack,
    getStack(nameOrId) {
      const stack = findStack(nameOrId);
      if (stack === undefined) throw new AwsError("ValidationError", `Stack with id ${nameOrId} does not exist`);
      return stack;
    },
    listStacks: () => stacks.list(),
    putStack: (stack) => stacks.put(stack.id, stack),
    addEvent(event) {
      sequence += 1;
      events.put(`${event.stackId} ${String(sequence).padStart(9, "0")}`, event);
    },
    listEvents: (stackId) => events.list(`${stackId} `).reverse(),
    findChangeSet: (stackId, nameOrId) =>
      changeSets.list(`${stackId} `).find(({ id, name }) => id === nameOrId || name === nameOrId),
    putChangeSet: (changeSet) => changeSets.put(`${changeSet.stackId} ${changeSet.name}`, changeSet),
    deleteChangeSet: (changeSet) => void changeSets.delete(`${changeSet.stackId} ${changeSet.name}`),
  };
}
