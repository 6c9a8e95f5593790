import type { CreateRoleCommandOutput } from "@aws-sdk/client-iam";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { supportOnly, unlessGone } from "./supported-properties.ts";

interface InlinePolicy {
  PolicyName: string;
  PolicyDocument: unknown;
}

export function iamRoleProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::IAM::Role";
  const supported = ["RoleName", "Path", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"];
  return {
    type,
    async create({ properties, generatedName }) {
      supportOnly(type, properties, [...supported, "AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns"]);
      const { AssumeRolePolicyDocument, Policies = [], ManagedPolicyArns = [], ...rest } = properties;
      const name = String(properties.RoleName ?? generatedName);
      const { Role } = await call<CreateRoleCommandOutput>("iam", "CreateRole", {
        ...rest,
        RoleName: name,
        AssumeRolePolicyDocument: documentText(AssumeRolePolicyDocument),
      });
      try {
        for (const { PolicyName, PolicyDocument } of Policies as InlinePolicy[]) {
          await call("iam", "PutRolePolicy", {
            RoleName: name,
            PolicyName,
            PolicyDocument: documentText(PolicyDocument),
          });
        }
        for (const arn of ManagedPolicyArns as string[])
          await call("iam", "AttachRolePolicy", { RoleName: name, PolicyArn: arn });
      } catch (error) {
        // A role without its policies is not the one that was asked for.
        await deleteRole(call, name);
        throw error;
      }
      return { physicalId: name, attributes: { Arn: Role?.Arn ?? "", RoleId: Role?.RoleId ?? "" } };
    },
    delete: ({ physicalId }) => unlessGone(deleteRole(call, physicalId), "NoSuchEntity", "NoSuchEntityException"),
  };
}

/** AWS::IAM::Policy: an inline policy of each of its roles. */
export function iamPolicyProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::IAM::Policy";
  return {
    type,
    async create({ properties, generatedName }) {
      supportOnly(type, properties, ["PolicyName", "PolicyDocument", "Roles"]);
      const { PolicyName, PolicyDocument, Roles = [] } = properties;
      for (const role of Roles as string[]) {
        await call("iam", "PutRolePolicy", {
          RoleName: role,
          PolicyName,
          PolicyDocument: documentText(PolicyDocument),
        });
      }
      const physicalId = [...(Roles as string[]), String(PolicyName)].join("|");
      return { physicalId, ref: generatedName, attributes: { Id: generatedName } };
    },
    async delete({ physicalId }) {
      const roles = physicalId.split("|");
      const policy = roles.pop();
      for (const role of roles) {
        const gone = call("iam", "DeleteRolePolicy", { RoleName: role, PolicyName: policy });
        await unlessGone(gone, "NoSuchEntity", "NoSuchEntityException");
      }
    },
  };
}

async function deleteRole(call: ServiceCall, name: string): Promise<void> {
  const role = { RoleName: name };
  const { PolicyNames = [] } = await call<{ PolicyNames?: string[] }>("iam", "ListRolePolicies", role);
  for (const policy of PolicyNames) await call("iam", "DeleteRolePolicy", { ...role, PolicyName: policy });
  const attached = await call<{ AttachedPolicies?: { PolicyArn?: string }[] }>("iam", "ListAttachedRolePolicies", role);
  for (const { PolicyArn } of attached.AttachedPolicies ?? [])
    await call("iam", "DetachRolePolicy", { ...role, PolicyArn });
  await call("iam", "DeleteRole", role);
}

function documentText(document: unknown): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}
