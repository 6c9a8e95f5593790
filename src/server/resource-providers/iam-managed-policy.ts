import type { CreatePolicyCommandOutput, Policy } from "@aws-sdk/client-iam";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { otherThan } from "./unsupported-properties.ts";
import { completeResource, documentText, unlessGone } from "./whole-resource.ts";

export function iamManagedPolicyProvider(call: ServiceCall): ResourceProvider {
  const remove = async (PolicyArn: string, roles: unknown) => {
    for (const RoleName of (roles ?? []) as string[]) {
      const detachment = call("iam", "DetachRolePolicy", { RoleName, PolicyArn });
      await unlessGone(detachment, "NoSuchEntityException", "NoSuchEntity");
    }
    await unlessGone(call("iam", "DeletePolicy", { PolicyArn }), "NoSuchEntityException", "NoSuchEntity");
  };
  return {
    type: "AWS::IAM::ManagedPolicy",
    findUnsupported: otherThan("ManagedPolicyName", "Path", "Description", "PolicyDocument", "Roles"),
    async create({ properties, generatedName }) {
      const { ManagedPolicyName, PolicyDocument, Roles = [], ...rest } = properties;
      const { Policy: policy } = await call<CreatePolicyCommandOutput>("iam", "CreatePolicy", {
        ...rest,
        PolicyName: ManagedPolicyName ?? generatedName,
        PolicyDocument: documentText(PolicyDocument),
      });
      const PolicyArn = policy?.Arn ?? "";
      const attach = async () => {
        for (const RoleName of Roles as string[]) await call("iam", "AttachRolePolicy", { RoleName, PolicyArn });
      };
      await completeResource(attach, () => remove(PolicyArn, Roles));
      return { physicalId: PolicyArn, attributes: policyAttributes(policy, (Roles as string[]).length) };
    },
    delete: ({ physicalId, properties }) => remove(physicalId, properties.Roles),
  };
}

function policyAttributes(policy: Policy | undefined, attachments: number): Record<string, string> {
  return {
    PolicyArn: policy?.Arn ?? "",
    PolicyId: policy?.PolicyId ?? "",
    DefaultVersionId: policy?.DefaultVersionId ?? "",
    IsAttachable: String(policy?.IsAttachable ?? true),
    AttachmentCount: String(attachments),
    PermissionsBoundaryUsageCount: "0",
    CreateDate: policy?.CreateDate?.toISOString() ?? "",
    UpdateDate: policy?.UpdateDate?.toISOString() ?? "",
  };
}
