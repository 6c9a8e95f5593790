import type * as Sdk from "@aws-sdk/client-iam";
import type { CallContext, Operations } from "../../aws-api/service.ts";
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from "./iam-error.ts";
import { addTags, checkName, checkPath, checkSessionDuration, listTags, requireValue } from "./iam-input.ts";
import type { RoleRecord } from "./iam-store.ts";
import { type IamDeps, onResource, onRole } from "./operation-row.ts";
import { pageOf } from "./page.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import { describeRole, encodeDocument, findManagedDocument, getRoleRecord } from "./role.ts";

/** Characters that count, without whitespace. */
const maxTrustPolicySize = 2048;

export function roleOperations(deps: IamDeps) {
  const { iam } = deps;
  const get = ({ RoleName: name }: { RoleName?: string | undefined }) => getRoleRecord(iam, name);
  const put = (role: RoleRecord) => iam.roles.put(role.roleName.toLowerCase(), role);
  return {
    CreateRole: onRole(deps, (input, context) => createRole(deps, input, context)),
    GetRole: onRole(deps, (input) => ({ Role: describeRole(get(input)) })),
    DeleteRole: onRole(deps, (input) => deleteRole(deps, get(input))),
    ListRoles: onResource(
      ({ PathPrefix: path = "/" }: Sdk.ListRolesRequest, { account }) => `arn:aws:iam::${account}:role${path}`,
      (input) => listRoles(deps, input),
    ),
    UpdateAssumeRolePolicy: onRole(deps, (input) => {
      put({ ...get(input), assumeRolePolicyDocument: checkTrustPolicy(input.PolicyDocument) });
      return {};
    }),
    UpdateRole: onRole(deps, (input) => {
      const { Description: description, MaxSessionDuration: duration } = input;
      const role = get(input);
      put({
        ...role,
        ...(description !== undefined && { description }),
        ...(duration !== undefined && { maxSessionDuration: checkSessionDuration(duration) }),
      });
      return {};
    }),
    PutRolePermissionsBoundary: onRole(deps, (input) => {
      put({ ...get(input), permissionsBoundary: checkBoundary(deps, input.PermissionsBoundary) });
      return {};
    }),
    DeleteRolePermissionsBoundary: onRole(deps, (input) => {
      const { permissionsBoundary: _, ...role } = get(input);
      put(role);
      return {};
    }),
    TagRole: onRole(deps, (input) => {
      const role = get(input);
      put({ ...role, tags: addTags(role.tags, input.Tags) });
      return {};
    }),
    UntagRole: onRole(deps, (input) => {
      const role = get(input);
      const kept = Object.entries(role.tags).filter(([key]) => !input.TagKeys?.includes(key));
      put({ ...role, tags: Object.fromEntries(kept) });
      return {};
    }),
    ListRoleTags: onRole(deps, (input) => {
      const { items, ...page } = pageOf(listTags(get(input).tags), (tag) => tag.Key ?? "", input);
      return { Tags: items, ...page };
    }),
    // There are no instance profiles here, so that no role is in one.
    ListInstanceProfilesForRole: onRole(deps, (input) => {
      get(input);
      return { InstanceProfiles: [], IsTruncated: false };
    }),
  } satisfies Operations<typeof Sdk>;
}

function createRole(deps: IamDeps, input: Sdk.CreateRoleRequest, { account }: CallContext): Sdk.CreateRoleResponse {
  const roleName = checkName(input.RoleName, "roleName", 64);
  const path = checkPath(input.Path);
  if (deps.iam.roles.get(roleName.toLowerCase())) throw alreadyExists(`Role with name ${roleName} already exists.`);
  const role: RoleRecord = {
    roleName,
    path,
    roleId: deps.createId("AROA"),
    arn: `arn:aws:iam::${account}:role${path}${roleName}`,
    createDate: deps.now().toISOString(),
    ...(input.Description !== undefined && { description: input.Description }),
    maxSessionDuration: checkSessionDuration(input.MaxSessionDuration),
    ...(input.PermissionsBoundary !== undefined && {
      permissionsBoundary: checkBoundary(deps, input.PermissionsBoundary),
    }),
    assumeRolePolicyDocument: checkTrustPolicy(input.AssumeRolePolicyDocument),
    inlinePolicies: {},
    attachedPolicies: [],
    tags: addTags({}, input.Tags),
  };
  deps.iam.roles.put(roleName.toLowerCase(), role);
  // AWS's answer to CreateRole has neither the description nor the session's duration.
  return {
    Role: {
      Path: role.path,
      RoleName: role.roleName,
      RoleId: role.roleId,
      Arn: role.arn,
      CreateDate: new Date(role.createDate),
      AssumeRolePolicyDocument: encodeDocument(role.assumeRolePolicyDocument),
      ...(input.Tags !== undefined && { Tags: listTags(role.tags) }),
    },
  };
}

function deleteRole({ iam }: IamDeps, role: RoleRecord): Record<string, never> {
  if (role.attachedPolicies.length > 0) {
    throw deleteConflict("Cannot delete entity, must detach all policies first.");
  }
  if (Object.keys(role.inlinePolicies).length > 0) {
    throw deleteConflict("Cannot delete entity, must delete policies first.");
  }
  iam.roles.delete(role.roleName.toLowerCase());
  return {};
}

function listRoles({ iam }: IamDeps, input: Sdk.ListRolesRequest): Sdk.ListRolesResponse {
  const roles = iam.roles.list().filter((role) => role.path.startsWith(input.PathPrefix ?? "/"));
  const { items, ...page } = pageOf(roles, (role) => role.roleName, input);
  return { Roles: items.map((role) => describeRole(role, { inList: true })), ...page };
}

function checkTrustPolicy(document: string | undefined): string {
  const text = requireValue(document, "assumeRolePolicyDocument");
  parsePolicyDocument(text, "trust");
  if (text.replace(/\s/g, "").length > maxTrustPolicySize) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${maxTrustPolicySize}`);
  }
  return text;
}

function checkBoundary({ iam }: IamDeps, arn: string | undefined): string {
  const boundary = requireValue(arn, "permissionsBoundary");
  if (findManagedDocument(iam, boundary) !== undefined) return boundary;
  throw noSuchEntity(`Scope ARN: ${boundary} does not exist or is not attachable.`);
}
