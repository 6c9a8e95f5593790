import { findFailureReason } from "./failure-reason.ts";
import { secretMask } from "./secret-mask.ts";
import type { StackRecord, StackResource } from "./stack.ts";
import type { StackRun } from "./stack-run.ts";

/** Removes a stack's resources and the stack. The stack is DELETE_IN_PROGRESS. */
export async function runStackDeletion(run: StackRun, retained: readonly string[]): Promise<void> {
  const { recorder } = run;
  const failed = await removeResources(run, { isRollback: false, retained });
  if (failed.length > 0) {
    const reason = `The following resource(s) failed to delete: [${failed.join(", ")}]. `;
    recorder.setStatus("DELETE_FAILED", reason);
    return;
  }
  recorder.stack.deleted = run.now().getTime();
  recorder.setStatus("DELETE_COMPLETE");
}

/** In reverse order of creation; names what could not be removed. What such a resource needs stays as well. */
export async function removeResources(
  run: StackRun,
  { isRollback, retained }: { isRollback: boolean; retained: readonly string[] },
): Promise<string[]> {
  const { recorder } = run;
  const failed: StackResource[] = [];
  for (const resource of recorder.stack.resources.toReversed()) {
    const isNeeded = failed.some(({ dependencies }) => dependencies.includes(resource.logicalId));
    if (["DELETE_COMPLETE", "DELETE_SKIPPED"].includes(resource.status) || isNeeded) continue;
    if (isKept(resource, isRollback) || retained.includes(resource.logicalId)) {
      recorder.setResource(resource, "DELETE_SKIPPED");
    } else if (!(await removeResource(run, resource))) failed.push(resource);
  }
  return failed.map(({ logicalId }) => logicalId);
}

function isKept({ deletionPolicy }: StackResource, isRollback: boolean): boolean {
  return deletionPolicy === "Retain" || (deletionPolicy === "RetainExceptOnCreate" && !isRollback);
}

async function removeResource(run: StackRun, resource: StackResource): Promise<boolean> {
  const { recorder } = run;
  const { physicalId, logicalId } = resource;
  if (physicalId === undefined) {
    recorder.setResource(resource, "DELETE_COMPLETE");
    return true;
  }
  recorder.setResource(resource, "DELETE_IN_PROGRESS");
  const { name, account, region } = recorder.stack;
  const properties = openProperties(resource, run);
  try {
    const provider = run.findProvider(resource.type);
    if (provider === undefined) throw new TypeError(`there is no provider for ${resource.type}`);
    await provider.delete({ stackName: name, logicalId, physicalId, properties, account, region });
    recorder.setResource(resource, "DELETE_COMPLETE");
    return true;
  } catch (error) {
    const reason = findFailureReason(error, run.newUuid());
    if (reason === undefined) run.onDefect(error);
    const { mask } = secretMask(Object.values(openParameters(recorder.stack, run)));
    recorder.setResource(resource, "DELETE_FAILED", reason === undefined ? "Internal Failure" : mask(reason));
    return false;
  }
}

function openProperties({ sealedProperties }: StackResource, { secretBox }: StackRun): Record<string, unknown> {
  return sealedProperties === undefined ? {} : JSON.parse(secretBox.open(sealedProperties));
}

/** The values of the parameters that are not shown. */
function openParameters(stack: StackRecord, { secretBox }: StackRun): Record<string, string> {
  const values = JSON.parse(secretBox.open(stack.sealedParameters)) as Record<string, string>;
  const shown = new Set(stack.parameters.filter(({ value }) => value !== "****").map(({ key }) => key));
  return Object.fromEntries(Object.entries(values).filter(([name]) => !shown.has(name)));
}
