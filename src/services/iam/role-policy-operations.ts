import type * as Sdk from "@aws-sdk/client-iam";
import type { Operations } from "../../aws-api/service.ts";
import { limitExceeded, noSuchEntity } from "./iam-error.ts";
import { checkName, requireValue } from "./iam-input.ts";
import type { RoleRecord } from "./iam-store.ts";
import { type IamDeps, onRole } from "./operation-row.ts";
import { pageOf } from "./page.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import { encodeDocument, findManagedDocument, getRoleRecord } from "./role.ts";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; sizes are without whitespace. */
const quotas = { attachedPolicies: 10, inlineSize: 10_240 };

/** A role's inline policies and the managed policies that are attached to it. */
export function rolePolicyOperations(deps: IamDeps) {
  const { iam } = deps;
  const get = ({ RoleName: name }: { RoleName?: string | undefined }) => getRoleRecord(iam, name);
  const put = (role: RoleRecord) => iam.roles.put(role.roleName.toLowerCase(), role);
  return {
    PutRolePolicy: onRole(deps, (input) => {
      put(withInlinePolicy(get(input), input));
      return {};
    }),
    GetRolePolicy: onRole(deps, (input) => {
      const role = get(input);
      const { name, document } = getInlinePolicy(role, input.PolicyName);
      return { RoleName: role.roleName, PolicyName: name, PolicyDocument: encodeDocument(document) };
    }),
    DeleteRolePolicy: onRole(deps, (input) => {
      const role = get(input);
      const { name } = getInlinePolicy(role, input.PolicyName);
      const { [name]: _, ...inlinePolicies } = role.inlinePolicies;
      put({ ...role, inlinePolicies });
      return {};
    }),
    ListRolePolicies: onRole(deps, (input) => {
      const names = Object.keys(get(input).inlinePolicies).sort();
      const { items, ...page } = pageOf(names, (name) => name, input);
      return { PolicyNames: items, ...page };
    }),
    AttachRolePolicy: onRole(deps, (input) => {
      put(withAttachedPolicy(deps, get(input), requireValue(input.PolicyArn, "policyArn")));
      return {};
    }),
    DetachRolePolicy: onRole(deps, (input) => {
      const role = get(input);
      const arn = requireValue(input.PolicyArn, "policyArn");
      if (!role.attachedPolicies.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
      put({ ...role, attachedPolicies: role.attachedPolicies.filter((attached) => attached !== arn) });
      return {};
    }),
    ListAttachedRolePolicies: onRole(deps, (input) => {
      const arns = get(input).attachedPolicies.filter((arn) => pathOfPolicy(arn).startsWith(input.PathPrefix ?? "/"));
      const { items, ...page } = pageOf(arns, (arn) => arn, input);
      return {
        AttachedPolicies: items.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn })),
        ...page,
      };
    }),
  } satisfies Operations<typeof Sdk>;
}

function withInlinePolicy(role: RoleRecord, input: Sdk.PutRolePolicyRequest): RoleRecord {
  const name = checkName(input.PolicyName, "policyName", 128);
  const document = requireValue(input.PolicyDocument, "policyDocument");
  parsePolicyDocument(document, "identity");
  const inlinePolicies = { ...role.inlinePolicies, [name]: document };
  const size = Object.values(inlinePolicies).join("").replace(/\s/g, "").length;
  if (size > quotas.inlineSize) {
    throw limitExceeded(`Maximum policy size of ${quotas.inlineSize} bytes exceeded for role ${role.roleName}`);
  }
  return { ...role, inlinePolicies };
}

function getInlinePolicy(role: RoleRecord, policyName: string | undefined): { name: string; document: string } {
  const name = checkName(policyName, "policyName", 128);
  const document = Object.hasOwn(role.inlinePolicies, name) ? role.inlinePolicies[name] : undefined;
  if (document === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
  return { name, document };
}

/** AWS's managed policies that are not known here are refused like those that do not exist. */
function withAttachedPolicy({ iam }: IamDeps, role: RoleRecord, arn: string): RoleRecord {
  if (role.attachedPolicies.includes(arn)) return role;
  if (findManagedDocument(iam, arn) === undefined) {
    throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  }
  if (role.attachedPolicies.length >= quotas.attachedPolicies) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${quotas.attachedPolicies}`);
  }
  return { ...role, attachedPolicies: [...role.attachedPolicies, arn] };
}

function pathOfPolicy(arn: string): string {
  const resource = arn.slice(arn.indexOf(":policy/") + ":policy".length);
  return resource.slice(0, resource.lastIndexOf("/") + 1);
}
