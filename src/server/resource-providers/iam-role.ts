import type {
  CreateRoleCommandOutput,
  ListAttachedRolePoliciesCommandOutput,
  ListRolePoliciesCommandOutput,
} from "@aws-sdk/client-iam";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { completeResource, documentText, unlessGone } from "./whole-resource.ts";

export function iamRoleProvider(call: ServiceCall): ResourceProvider {
  return {
    type: "AWS::IAM::Role",
    async create({ properties, generatedName }) {
      const { AssumeRolePolicyDocument, Policies = [], ManagedPolicyArns = [], ...rest } = properties;
      const RoleName = String(properties.RoleName ?? generatedName);
      const { Role } = await call<CreateRoleCommandOutput>("iam", "CreateRole", {
        ...rest,
        RoleName,
        AssumeRolePolicyDocument: documentText(AssumeRolePolicyDocument),
      });
      const addPolicies = async () => {
        for (const { PolicyName, PolicyDocument } of Policies as { PolicyName: string; PolicyDocument: unknown }[]) {
          const policy = { PolicyName, PolicyDocument: documentText(PolicyDocument) };
          await call("iam", "PutRolePolicy", { RoleName, ...policy });
        }
        for (const PolicyArn of ManagedPolicyArns as string[]) {
          await call("iam", "AttachRolePolicy", { RoleName, PolicyArn });
        }
      };
      await completeResource(addPolicies, () => deleteRole(call, RoleName));
      return { physicalId: RoleName, attributes: { Arn: Role?.Arn ?? "", RoleId: Role?.RoleId ?? "" } };
    },
    delete: ({ physicalId }) => unlessGone(deleteRole(call, physicalId), "NoSuchEntityException", "NoSuchEntity"),
  };
}

/** A role goes only without its policies. */
async function deleteRole(call: ServiceCall, RoleName: string): Promise<void> {
  const inline = await call<ListRolePoliciesCommandOutput>("iam", "ListRolePolicies", { RoleName });
  for (const PolicyName of inline.PolicyNames ?? []) await call("iam", "DeleteRolePolicy", { RoleName, PolicyName });
  const attached = await call<ListAttachedRolePoliciesCommandOutput>("iam", "ListAttachedRolePolicies", { RoleName });
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    await call("iam", "DetachRolePolicy", { RoleName, PolicyArn });
  }
  await call("iam", "DeleteRole", { RoleName });
}
