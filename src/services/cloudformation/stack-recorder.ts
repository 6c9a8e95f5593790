import type { StackStatus } from "@aws-sdk/client-cloudformation";
import type { CloudFormationStore } from "./cloudformation-store.ts";
import { type StackEvent, type StackRecord, type StackResource, stackType } from "./stack.ts";

/** Keeps a stack's record and its events in step: nothing changes its status without an event. */
export interface StackRecorder {
  readonly stack: StackRecord;
  setStatus(status: StackStatus, reason?: string): void;
  setResource(resource: StackResource, status: string, reason?: string): void;
  /** Stores the record as it is, without an event. */
  save(): void;
}

export interface RecorderContext {
  store: CloudFormationStore;
  now(): Date;
  newUuid(): string;
  onEvent?: ((event: StackEvent) => void) | undefined;
}

export function recordStack(stack: StackRecord, { store, now, newUuid, onEvent }: RecorderContext): StackRecorder {
  function addEvent(about: Pick<StackEvent, "logicalId" | "physicalId" | "resourceType" | "status" | "reason">): void {
    const event: StackEvent = {
      id: newUuid(),
      stackId: stack.id,
      stackName: stack.name,
      ...about,
      ...(stack.clientRequestToken !== undefined && { clientRequestToken: stack.clientRequestToken }),
      time: now().getTime(),
    };
    stack.eventCount += 1;
    store.putStack(stack);
    store.putEvent(event, stack.eventCount);
    onEvent?.(event);
  }
  return {
    stack,
    save: () => store.putStack(stack),
    setStatus(status, reason) {
      stack.status = status;
      delete stack.statusReason;
      const because = reason === undefined ? {} : { reason };
      if (reason !== undefined) stack.statusReason = reason;
      addEvent({ logicalId: stack.name, physicalId: stack.id, resourceType: stackType, status, ...because });
    },
    setResource(resource, status, reason) {
      resource.status = status;
      resource.time = now().getTime();
      delete resource.statusReason;
      if (reason !== undefined) resource.statusReason = reason;
      addEvent({
        logicalId: resource.logicalId,
        // AWS gives an empty one as long as there is none.
        physicalId: resource.physicalId ?? "",
        resourceType: resource.type,
        status,
        ...(reason !== undefined && { reason }),
      });
    },
  };
}
