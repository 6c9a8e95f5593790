import type * as Sdk from "@aws-sdk/client-iam";
import type { RolePolicies } from "./authorize.ts";
import { findAwsManagedPolicy } from "./aws-managed-policies.ts";
import { noSuchEntity } from "./iam-error.ts";
import { checkName, listTags } from "./iam-input.ts";
import type { IamStore, RoleRecord } from "./iam-store.ts";
import { parsePolicyDocument } from "./policy-document.ts";

export function getRoleRecord(store: IamStore, name: string | undefined): RoleRecord {
  const roleName = checkName(name, "roleName", 64);
  const role = store.roles.get(roleName.toLowerCase());
  if (role === undefined) throw noSuchEntity(`The role with name ${roleName} cannot be found.`);
  return role;
}

/** By the role's name or ARN. */
export function findRoleRecord(store: IamStore, arnOrName: string): RoleRecord | undefined {
  if (!arnOrName.startsWith("arn:")) return store.roles.get(arnOrName.toLowerCase());
  const role = store.roles.get(arnOrName.slice(arnOrName.lastIndexOf("/") + 1).toLowerCase());
  return role?.arn === arnOrName ? role : undefined;
}

/** A role as whoever issues its credentials needs to know it. */
export interface AssumableRole {
  arn: string;
  roleId: string;
  name: string;
  maxSessionDuration: number;
  trustPolicy: string;
}

export function findAssumableRole(store: IamStore, arnOrName: string): AssumableRole | undefined {
  const role = findRoleRecord(store, arnOrName);
  if (role === undefined) return undefined;
  const { arn, roleId, roleName: name, maxSessionDuration, assumeRolePolicyDocument: trustPolicy } = role;
  return { arn, roleId, name, maxSessionDuration, trustPolicy };
}

/** The document of a customer's or AWS's managed policy. */
export function findManagedDocument(store: IamStore, arn: string): string | undefined {
  return store.policies.get(arn)?.document ?? findAwsManagedPolicy(arn)?.document;
}

/** What the authorizer asks for, read afresh at each call, so that an edited policy applies at once. */
export function findRolePolicies(store: IamStore, roleName: string): RolePolicies | undefined {
  const role = store.roles.get(roleName.toLowerCase());
  if (role === undefined) return undefined;
  const attached = role.attachedPolicies.map((arn) => getDocument(store, arn));
  const documents = [...Object.values(role.inlinePolicies), ...attached];
  const { permissionsBoundary: boundary } = role;
  return {
    roleId: role.roleId,
    arn: role.arn,
    identity: documents.map((text) => parsePolicyDocument(text, "identity")),
    ...(boundary !== undefined && { boundary: parsePolicyDocument(getDocument(store, boundary), "identity") }),
    tags: role.tags,
  };
}

function getDocument(store: IamStore, arn: string): string {
  const document = findManagedDocument(store, arn);
  // A policy cannot be deleted while a role uses it, so this is a defect and must not read as "no policy".
  if (document === undefined) throw new Error(`the attached policy ${arn} is not in the store`);
  return document;
}

/** As AWS prints it; lists leave out the tags and the boundary. */
export function describeRole(role: RoleRecord, { inList = false } = {}): Sdk.Role {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: new Date(role.createDate),
    AssumeRolePolicyDocument: encodeDocument(role.assumeRolePolicyDocument),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionDuration,
    ...(!inList && describeDetails(role)),
  };
}

function describeDetails(role: RoleRecord): Partial<Sdk.Role> {
  const { permissionsBoundary: boundary, tags } = role;
  return {
    ...(boundary !== undefined && {
      PermissionsBoundary: { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: boundary },
    }),
    ...(Object.keys(tags).length > 0 && { Tags: listTags(tags) }),
  };
}

/** IAM returns documents URL-encoded by RFC 3986. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
