import { checkProperties } from "../../template/check-properties.ts";
import { type DynamicReferenceSource, resolveDynamicReferences } from "../../template/dynamic-reference.ts";
import type { EvaluationScope } from "../../template/evaluate.ts";
import { evaluateProperties, type PreparedResource } from "../../template/prepare-template.ts";
import { type ResourceType, resourceTypeCatalogue } from "../../template/resource-type.ts";
import { templateProblem, throwProblems } from "../../template/template-error.ts";
import type { MapNode, NodePlace, ResolvedNode } from "../../template/template-node.ts";
import { findFailureReason } from "./failure-reason.ts";
import { outputText, type StackPlan } from "./plan-stack.ts";
import type { CreatedResource, ResourceProvider } from "./resource-provider.ts";
import { removeResources } from "./run-stack-deletion.ts";
import type { StackOutput, StackResource } from "./stack.ts";
import { generatedName } from "./stack-names.ts";
import type { StackRun } from "./stack-run.ts";

type Created = Map<string, CreatedResource>;

/** Makes a planned stack, one resource after the other, and rolls back where one fails. The stack is CREATE_IN_PROGRESS. */
export async function runStackCreation(
  run: StackRun,
  plan: StackPlan,
  references?: DynamicReferenceSource,
): Promise<void> {
  const { recorder } = run;
  const created: Created = new Map();
  for (const resource of plan.prepared.resources) {
    if (run.isCancelled()) return;
    const isCreated = await createResource(resource, { run, plan, created, references });
    if (isCreated) continue;
    const reason = `The following resource(s) failed to create: [${resource.declaration.logicalId}]. `;
    return endFailedCreation(run, reason);
  }
  try {
    recorder.stack.outputs = stackOutputs(plan, created, run);
  } catch (error) {
    const reason = findFailureReason(error, run.newUuid());
    if (reason === undefined) throw error;
    return endFailedCreation(run, `${plan.mask.mask(reason)}. `);
  }
  recorder.setStatus("CREATE_COMPLETE");
}

interface Creation {
  run: StackRun;
  plan: StackPlan;
  created: Created;
  references: DynamicReferenceSource | undefined;
}

async function createResource(resource: PreparedResource, creation: Creation): Promise<boolean> {
  const { run, plan, created } = creation;
  const { logicalId, type, deletionPolicy } = resource.declaration;
  const { recorder } = run;
  const { dependencies } = resource;
  const record: StackResource = {
    ...{ logicalId, type, deletionPolicy, dependencies: [...dependencies] },
    status: "",
    time: 0,
  };
  recorder.stack.resources.push(record);
  recorder.setResource(record, "CREATE_IN_PROGRESS");
  try {
    const properties = await resolveProperties(resource, creation);
    record.sealedProperties = run.secretBox.seal(JSON.stringify(properties));
    const made = await (plan.providers.get(type) as ResourceProvider).create({
      ...{ logicalId, properties },
      stackName: recorder.stack.name,
      stackId: recorder.stack.id,
      generatedName: generatedName(recorder.stack.name, recorder.stack.id, logicalId),
      account: recorder.stack.account,
      region: recorder.stack.region,
    });
    record.physicalId = made.physicalId;
    created.set(logicalId, made);
    recorder.setResource(record, "CREATE_IN_PROGRESS", "Resource creation Initiated");
    recorder.setResource(record, "CREATE_COMPLETE");
    return true;
  } catch (error) {
    const reason = findFailureReason(error, run.newUuid());
    if (reason === undefined) run.onDefect(error);
    recorder.setResource(record, "CREATE_FAILED", plan.mask.mask(reason ?? "Internal Failure"));
    return false;
  }
}

/** The properties with everything known: the resources before it, and what its dynamic references name. */
async function resolveProperties(
  resource: PreparedResource,
  { plan, created, references }: Creation,
): Promise<Record<string, unknown>> {
  const { declaration } = resource;
  const evaluated = evaluateProperties(declaration, createdScope(plan, created));
  const resolved =
    references === undefined
      ? evaluated
      : ((await resolveDynamicReferences(evaluated, references, plan.mask.add)) as MapNode<ResolvedNode>);
  const catalogue = resourceTypeCatalogue();
  const { problems, properties } = checkProperties(
    resolved,
    catalogue.findType(declaration.type) as ResourceType,
    catalogue,
  );
  throwProblems(problems);
  return properties;
}

function createdScope(plan: StackPlan, created: Created): EvaluationScope {
  const get = (logicalId: string, place: NodePlace): CreatedResource => {
    const found = created.get(logicalId);
    if (found !== undefined) return found;
    throw templateProblem("TEMPLATE_REFERENCE", `Unresolved resource dependencies [${logicalId}]`, place);
  };
  const { template, parameters, pseudo, isTrue } = plan.prepared;
  return {
    ...{ template, parameters, pseudo, isTrue },
    findExport: plan.findExport,
    willExport: () => false,
    ref(logicalId, place) {
      const { ref, physicalId } = get(logicalId, place);
      return ref ?? physicalId;
    },
    getAtt(logicalId, attribute, place) {
      const { attributes } = get(logicalId, place);
      if (Object.hasOwn(attributes, attribute)) return attributes[attribute];
      const type = template.resources.get(logicalId)?.type;
      const message = `Resource type ${type} does not support attribute {${attribute}}`;
      throw templateProblem("TEMPLATE_REFERENCE", message, place);
    },
  };
}

function stackOutputs(plan: StackPlan, created: Created, { secretBox }: StackRun): StackOutput[] {
  const scope = createdScope(plan, created);
  return plan.prepared.outputs.map(({ name, value, description, exportName }) => {
    const exported = exportName === undefined ? undefined : outputText(plan, exportName, scope);
    if (exported !== undefined && plan.findExport(exported) !== undefined) {
      const message = `Export with name ${exported} is already exported by another stack`;
      throw templateProblem("TEMPLATE_REFERENCE", message, exportName?.place);
    }
    const whole = outputText(plan, value, scope);
    const shown = plan.mask.mask(whole);
    return {
      key: name,
      value: shown,
      ...(shown !== whole && exported !== undefined && { sealedValue: secretBox.seal(whole) }),
      ...(description !== undefined && { description }),
      ...(exported !== undefined && { exportName: exported }),
    };
  });
}

async function endFailedCreation(run: StackRun, reason: string): Promise<void> {
  const { recorder } = run;
  const { stack } = recorder;
  if (run.isCancelled()) return;
  if (stack.onFailure === "DO_NOTHING") return recorder.setStatus("CREATE_FAILED", reason);
  const isDeletion = stack.onFailure === "DELETE";
  const cause = `${reason}${isDeletion ? "Delete" : "Rollback"} requested by user.`;
  recorder.setStatus(isDeletion ? "DELETE_IN_PROGRESS" : "ROLLBACK_IN_PROGRESS", cause);
  const failed = await removeResources(run, { isRollback: true, retained: [] });
  const verb = isDeletion ? "DELETE" : "ROLLBACK";
  if (failed.length > 0) {
    const left = `The following resource(s) failed to delete: [${failed.join(", ")}]. `;
    return recorder.setStatus(`${verb}_FAILED`, left);
  }
  if (isDeletion) stack.deleted = run.now().getTime();
  recorder.setStatus(`${verb}_COMPLETE`);
}
