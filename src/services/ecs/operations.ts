import type * as Sdk from "@aws-sdk/client-ecs";
import type { CallContext, Operation, Operations } from "../../aws-api/service.ts";
import { checkTaskDefinition } from "./check-task-definition.ts";
import { clientError, invalidParameter } from "./ecs-error.ts";
import { type EcsStore, familyKey, type TaskDefinitionRecord, taskDefinitionKey } from "./ecs-store.ts";
import { describeTaskDefinition, fillDefaults } from "./task-definition.ts";

export interface EcsDeps {
  ecs: EcsStore;
  now(): Date;
}

/** ECS's task definitions. Clusters, services and tasks are not here. */
export function ecsOperations(deps: EcsDeps) {
  return {
    RegisterTaskDefinition: {
      run: (input: Sdk.RegisterTaskDefinitionRequest, context: CallContext) =>
        registerTaskDefinition(deps, input, context),
      permissions: (
        { family = "", taskRoleArn, executionRoleArn }: Sdk.RegisterTaskDefinitionRequest,
        context: CallContext,
      ) => [
        { action: "ecs:RegisterTaskDefinition", resource: `${arnPrefix(context)}${family}:*` },
        ...[...new Set([taskRoleArn, executionRoleArn])]
          .filter((role) => role !== undefined)
          .map((role) => ({
            action: "iam:PassRole",
            resource: role.startsWith("arn:") ? role : `arn:aws:iam::${context.account}:role/${role}`,
            conditionValues: { "iam:passedtoservice": "ecs-tasks.amazonaws.com" },
          })),
      ],
    },
    DescribeTaskDefinition: onAll("DescribeTaskDefinition", (input: Sdk.DescribeTaskDefinitionRequest, { region }) => {
      const record = findTaskDefinition(deps.ecs, region, input.taskDefinition ?? "");
      if (record === undefined) throw clientError("Unable to describe task definition.");
      return {
        taskDefinition: describeTaskDefinition(record),
        ...(input.include?.includes("TAGS") && { tags: record.tags }),
      };
    }),
    DeregisterTaskDefinition: onAll("DeregisterTaskDefinition", (input: Sdk.DeregisterTaskDefinitionRequest, context) =>
      deregisterTaskDefinition(deps, input, context),
    ),
    ListTaskDefinitions: onAll("ListTaskDefinitions", (input: Sdk.ListTaskDefinitionsRequest, context) =>
      listTaskDefinitions(deps, input, context),
    ),
    ListTaskDefinitionFamilies: onAll(
      "ListTaskDefinitionFamilies",
      (input: Sdk.ListTaskDefinitionFamiliesRequest, context) => listFamilies(deps, input, context),
    ),
  } satisfies Operations<typeof Sdk>;
}

/** ECS asks for these permissions on `*` only. */
function onAll<Input, Output>(name: string, run: (input: Input, context: CallContext) => Output) {
  const permissions: Operation<Input, Output>["permissions"] = () => [{ action: `ecs:${name}`, resource: "*" }];
  return { run, permissions };
}

function arnPrefix({ region, account }: CallContext): string {
  return `arn:aws:ecs:${region}:${account}:task-definition/`;
}

function registerTaskDefinition(
  { ecs, now }: EcsDeps,
  input: Sdk.RegisterTaskDefinitionRequest,
  context: CallContext,
): Sdk.RegisterTaskDefinitionResponse {
  checkTaskDefinition(input);
  const family = input.family as string;
  const tags = (input.tags ?? []).map(({ key = "", value = "" }) => ({ key, value }));
  if (tags.length > 50) throw invalidParameter("A task definition can have at most 50 tags.");
  const record = ecs.transaction(() => {
    const { region } = context;
    const revision = (ecs.revisions.get(familyKey(region, family)) ?? 0) + 1;
    const registered: TaskDefinitionRecord = {
      ...{ region, family, revision, tags },
      arn: `${arnPrefix(context)}${family}:${revision}`,
      status: "ACTIVE",
      registeredAt: now().toISOString(),
      registeredBy: context.principal.arn,
      definition: fillDefaults(input),
    };
    ecs.taskDefinitions.put(taskDefinitionKey(region, family, revision), registered);
    ecs.revisions.put(familyKey(region, family), revision);
    return registered;
  });
  return { taskDefinition: describeTaskDefinition(record), ...(tags.length > 0 && { tags }) };
}

/** By `FAMILY` (its newest active revision), `FAMILY:REVISION` or ARN. */
function findTaskDefinition(ecs: EcsStore, region: string, name: string): TaskDefinitionRecord | undefined {
  const [, family, revision] =
    /^(?:arn:aws[a-z-]*:ecs:[^:]*:\d{12}:task-definition\/)?([\w-]+)(?::(\d{1,10}))?$/.exec(name) ?? [];
  if (family === undefined) return undefined;
  const found =
    revision === undefined
      ? ecs.taskDefinitions.list(`${familyKey(region, family)}:`).findLast(({ status }) => status === "ACTIVE")
      : ecs.taskDefinitions.get(taskDefinitionKey(region, family, Number(revision)));
  const isSame =
    found !== undefined && (!name.startsWith("arn:") || found.arn === name || found.arn.startsWith(`${name}:`));
  return isSame ? found : undefined;
}

function deregisterTaskDefinition(
  { ecs, now }: EcsDeps,
  { taskDefinition: name = "" }: Sdk.DeregisterTaskDefinitionRequest,
  { region }: CallContext,
): Sdk.DeregisterTaskDefinitionResponse {
  if (!/:\d+$/.test(name)) throw clientError("Unable to deregister task definition: a revision must be given.");
  const record = findTaskDefinition(ecs, region, name);
  if (record === undefined) throw clientError("The specified task definition does not exist.");
  if (record.status === "INACTIVE")
    throw clientError("The specified task definition is inactive. Unable to deregister.");
  const deregistered: TaskDefinitionRecord = { ...record, status: "INACTIVE", deregisteredAt: now().toISOString() };
  ecs.taskDefinitions.put(taskDefinitionKey(region, record.family, record.revision), deregistered);
  return { taskDefinition: describeTaskDefinition(deregistered) };
}

function listTaskDefinitions(
  { ecs }: EcsDeps,
  { familyPrefix: family, status = "ACTIVE", sort = "ASC", ...page }: Sdk.ListTaskDefinitionsRequest,
  { region }: CallContext,
): Sdk.ListTaskDefinitionsResponse {
  // AWS calls it a prefix and compares the whole family.
  const records = ecs.taskDefinitions
    .list(family === undefined ? `${region}:` : `${familyKey(region, family)}:`)
    .filter((record) => record.status === status);
  if (sort === "DESC") records.reverse();
  const { items, nextToken } = pageOf(
    records.map(({ arn }) => arn),
    page,
  );
  return { taskDefinitionArns: items, ...(nextToken && { nextToken }) };
}

function listFamilies(
  { ecs }: EcsDeps,
  { familyPrefix: prefix = "", status = "ALL", ...page }: Sdk.ListTaskDefinitionFamiliesRequest,
  { region }: CallContext,
): Sdk.ListTaskDefinitionFamiliesResponse {
  const records = ecs.taskDefinitions.list(familyKey(region, prefix));
  const active = new Set(records.filter(({ status: own }) => own === "ACTIVE").map(({ family }) => family));
  const families = [...new Set(records.map(({ family }) => family))].filter(
    (family) => status === "ALL" || active.has(family) === (status === "ACTIVE"),
  );
  const { items, nextToken } = pageOf(families, page);
  return { families: items, ...(nextToken && { nextToken }) };
}

/** The token is the last item of the page before. */
function pageOf(
  list: readonly string[],
  { nextToken: token, maxResults: limit = 100 }: { nextToken?: string | undefined; maxResults?: number | undefined },
): { items: string[]; nextToken?: string } {
  if (limit < 1 || limit > 100) throw invalidParameter("maxResults must be between 1 and 100.");
  const last = token === undefined ? undefined : Buffer.from(token, "base64url").toString();
  const start = last === undefined ? 0 : list.indexOf(last) + 1;
  if (last !== undefined && start === 0) throw invalidParameter("Invalid token.");
  const items = list.slice(start, start + limit);
  const end = items.at(-1);
  if (end === undefined || start + limit >= list.length) return { items };
  return { items, nextToken: Buffer.from(end).toString("base64url") };
}
