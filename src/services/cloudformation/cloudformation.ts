import { createHash } from "node:crypto";
import type { SecretBox } from "../../store/secret-box.ts";
import type { Store } from "../../store/store.ts";
import { parseTemplate } from "../../template/parse-template.ts";
import { type ResourceTypeCatalogue, resourceTypeCatalogue } from "../../template/resource-type.ts";
import { type CloudFormationStore, openCloudFormationStore } from "./cloudformation-store.ts";
import { type MadeResource, planStack, type StackPlan } from "./plan-stack.ts";
import type { ResourceProvider } from "./resource-provider.ts";
import type { StackEvent, StackRecord, StackResource, StackStatus } from "./stack.ts";

export interface CloudFormationOptions {
  store: Store;
  box: SecretBox;
  account: string;
  region: string;
  providers: readonly ResourceProvider[];
  now(): Date;
  newUuid(): string;
  onEvent(event: StackEvent): void;
  onDefect(error: unknown): void;
}

export interface DeployRequest {
  name: string;
  template: string;
  /** For the places in errors. */
  file?: string;
  parameters: Record<string, string>;
  capabilities: string[];
  disableRollback?: boolean;
  /** A stack in REVIEW_IN_PROGRESS that a change set made. */
  existing?: StackRecord;
}

/** A stack that has been checked and begun; `finished` resolves with the record at its end. */
export interface StackOperation {
  stack: StackRecord;
  finished: Promise<StackRecord>;
}

export interface CloudFormation {
  store: CloudFormationStore;
  box: SecretBox;
  /** Checks all that can be checked before anything is made (throws TemplateError), then makes the stack. */
  createStack(request: DeployRequest): Promise<StackOperation>;
  deleteStack(stack: StackRecord): StackOperation;
  /** The record of a stack that is not made yet, for a change set. */
  reviewStack(request: DeployRequest): Promise<{ stack: StackRecord; plan: StackPlan }>;
}

export function openCloudFormation(options: CloudFormationOptions): CloudFormation {
  const engine = new StackEngine(options);
  for (const stack of engine.store.listStacks()) engine.recover(stack);
  return {
    store: engine.store,
    box: options.box,
    createStack: (request) => engine.create(request),
    deleteStack: (stack) => engine.remove(stack),
    reviewStack: (request) => engine.plan(request),
  };
}

const stackType = "AWS::CloudFormation::Stack";

/** Makes and removes stacks, one resource after the other, and tells each step as AWS's recorded events do. */
class StackEngine {
  readonly store: CloudFormationStore;
  readonly #options: CloudFormationOptions;
  readonly #providers: ReadonlyMap<string, ResourceProvider>;
  #catalogue: ResourceTypeCatalogue | undefined;

  constructor(options: CloudFormationOptions) {
    this.#options = options;
    this.store = openCloudFormationStore(options.store);
    this.#providers = new Map(options.providers.map((provider) => [provider.type, provider]));
  }

  /** A stack that another process left half-made must not look as if it went on. */
  recover(stack: StackRecord): void {
    if (!stack.status.endsWith("_IN_PROGRESS") || stack.status === "REVIEW_IN_PROGRESS") return;
    const failed = stack.status.startsWith("DELETE")
      ? "DELETE_FAILED"
      : stack.status.startsWith("ROLLBACK")
        ? "ROLLBACK_FAILED"
        : "CREATE_FAILED";
    this.#setStatus(stack, failed, "The server ended while the operation was going on");
  }

  async plan(request: DeployRequest): Promise<{ stack: StackRecord; plan: StackPlan }> {
    const { account, region, now, newUuid } = this.#options;
    const template = parseTemplate(request.template, request.file);
    const id = request.existing?.id ?? `arn:aws:cloudformation:${region}:${account}:stack/${request.name}/${newUuid()}`;
    this.#catalogue ??= resourceTypeCatalogue();
    const plan = await planStack(template, {
      parameters: request.parameters,
      pseudo: { account, region, stackName: request.name, stackId: id },
      catalogue: this.#catalogue,
      types: [...this.#providers.keys()],
    });
    const shown = [...template.parameters.values()].map(({ name, noEcho, default: value }) => ({
      key: name,
      value: noEcho ? "****" : (request.parameters[name] ?? value ?? ""),
    }));
    const stack: StackRecord = {
      id,
      name: request.name,
      status: "REVIEW_IN_PROGRESS",
      created: now().getTime(),
      template: request.template,
      ...(template.description === undefined ? {} : { description: template.description }),
      parameters: shown,
      capabilities: request.capabilities,
      outputs: {},
      resources: plan.order.map((logicalId) => {
        const declaration = template.resources.get(logicalId);
        const retain = declaration?.deletionPolicy.startsWith("Retain") === true;
        return { logicalId, type: declaration?.type ?? "", status: "", time: 0, retain };
      }),
      disableRollback: request.disableRollback ?? false,
    };
    return { stack, plan };
  }

  async create(request: DeployRequest): Promise<StackOperation> {
    const { stack, plan } = await this.plan(request);
    this.#setStatus(stack, "CREATE_IN_PROGRESS", "User Initiated");
    return { stack: structuredClone(stack), finished: this.#guard(stack, () => this.#create(stack, plan)) };
  }

  remove(stack: StackRecord): StackOperation {
    this.#setStatus(stack, "DELETE_IN_PROGRESS", "User Initiated");
    const work = async () => {
      const failed = await this.#removeResources(
        stack,
        stack.resources.filter(({ retain }) => !retain),
      );
      if (failed.length > 0) {
        this.#setStatus(stack, "DELETE_FAILED", `The following resource(s) failed to delete: [${failed.join(", ")}]. `);
        return;
      }
      stack.deleted = this.#time();
      this.#setStatus(stack, "DELETE_COMPLETE");
    };
    return { stack: structuredClone(stack), finished: this.#guard(stack, work) };
  }

  async #guard(stack: StackRecord, work: () => Promise<void>): Promise<StackRecord> {
    try {
      await work();
    } catch (error) {
      this.#options.onDefect(error);
      this.#setStatus(stack, "CREATE_FAILED", "Chubo met a defect of its own");
    }
    return stack;
  }

  async #create(stack: StackRecord, plan: StackPlan): Promise<void> {
    const made = new Map<string, MadeResource>();
    for (const resource of stack.resources) {
      const failure = await this.#createResource(stack, resource, plan, made);
      if (failure === undefined) continue;
      const reason = `The following resource(s) failed to create: [${resource.logicalId}]. `;
      if (stack.disableRollback) this.#setStatus(stack, "CREATE_FAILED", reason);
      else await this.#rollBack(stack, `${reason}Rollback requested by user.`);
      return;
    }
    stack.outputs = plan.outputs(made);
    this.#setStatus(stack, "CREATE_COMPLETE");
  }

  async #createResource(
    stack: StackRecord,
    resource: StackResource,
    plan: StackPlan,
    made: Map<string, MadeResource>,
  ): Promise<Error | undefined> {
    const { account, region } = this.#options;
    this.#setResource(stack, resource, "CREATE_IN_PROGRESS");
    try {
      const provider = this.#providers.get(resource.type);
      if (provider === undefined) throw new Error(`no provider for ${resource.type}`);
      const created = await provider.create({
        stackName: stack.name,
        stackId: stack.id,
        logicalId: resource.logicalId,
        properties: plan.properties(resource.logicalId, made),
        generatedName: generatedName(stack, resource.logicalId),
        account,
        region,
      });
      resource.physicalId = created.physicalId;
      this.#setResource(stack, resource, "CREATE_IN_PROGRESS", "Resource creation Initiated");
      made.set(resource.logicalId, { ref: created.ref ?? created.physicalId, attributes: created.attributes });
      this.#setResource(stack, resource, "CREATE_COMPLETE");
      return undefined;
    } catch (error) {
      this.#setResource(stack, resource, "CREATE_FAILED", (error as Error).message);
      return error as Error;
    }
  }

  async #rollBack(stack: StackRecord, reason: string): Promise<void> {
    this.#setStatus(stack, "ROLLBACK_IN_PROGRESS", reason);
    const made = stack.resources.filter(({ status }) => status === "CREATE_COMPLETE");
    const failed = await this.#removeResources(stack, made);
    this.#setStatus(stack, failed.length === 0 ? "ROLLBACK_COMPLETE" : "ROLLBACK_FAILED");
  }

  /** In reverse; names what could not be removed. */
  async #removeResources(stack: StackRecord, resources: readonly StackResource[]): Promise<string[]> {
    const { account, region } = this.#options;
    const failed: string[] = [];
    for (const resource of resources.toReversed()) {
      const { physicalId, logicalId, type } = resource;
      if (physicalId === undefined || resource.status === "DELETE_COMPLETE") continue;
      this.#setResource(stack, resource, "DELETE_IN_PROGRESS");
      try {
        await this.#providers.get(type)?.delete({ stackName: stack.name, logicalId, physicalId, account, region });
        this.#setResource(stack, resource, "DELETE_COMPLETE");
      } catch (error) {
        this.#setResource(stack, resource, "DELETE_FAILED", (error as Error).message);
        failed.push(logicalId);
      }
    }
    return failed;
  }

  #time(): number {
    return this.#options.now().getTime();
  }

  #setStatus(stack: StackRecord, status: StackStatus, reason?: string): void {
    stack.status = status;
    delete stack.statusReason;
    if (reason !== undefined) stack.statusReason = reason;
    this.#record(stack, { logicalId: stack.name, physicalId: stack.id, type: stackType, status }, reason);
  }

  #setResource(stack: StackRecord, resource: StackResource, status: string, reason?: string): void {
    resource.status = status;
    resource.time = this.#time();
    delete resource.statusReason;
    if (reason !== undefined) resource.statusReason = reason;
    this.#record(stack, resource, reason);
  }

  #record(
    stack: StackRecord,
    about: Pick<StackResource, "logicalId" | "physicalId" | "type" | "status">,
    reason?: string,
  ): void {
    const event: StackEvent = {
      id: this.#options.newUuid(),
      stackId: stack.id,
      stackName: stack.name,
      logicalId: about.logicalId,
      ...(about.physicalId === undefined ? {} : { physicalId: about.physicalId }),
      resourceType: about.type,
      status: about.status,
      ...(reason === undefined ? {} : { reason }),
      time: this.#time(),
    };
    this.store.putStack(stack);
    this.store.addEvent(event);
    this.#options.onEvent(event);
  }
}

/** `STACK-LOGICALID-XXXXXXXXXXXX`; the end follows from the stack's ID, so a repeated try makes the same name. */
function generatedName({ name, id }: StackRecord, logicalId: string): string {
  const hash = createHash("sha256").update(`${id} ${logicalId}`).digest("base64url").replace(/[-_]/g, "A");
  return `${name.slice(0, 24)}-${logicalId.slice(0, 24)}-${hash.slice(0, 12)}`;
}
