import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { otherThan } from "./unsupported-properties.ts";
import { completeResource, documentText, unlessGone } from "./whole-resource.ts";

/** An inline policy of each of its roles. */
export function iamPolicyProvider(call: ServiceCall): ResourceProvider {
  const remove = async (properties: Record<string, unknown>) => {
    const { PolicyName, Roles = [] } = properties;
    for (const RoleName of Roles as string[]) {
      const deletion = call("iam", "DeleteRolePolicy", { RoleName, PolicyName });
      await unlessGone(deletion, "NoSuchEntityException", "NoSuchEntity");
    }
  };
  return {
    type: "AWS::IAM::Policy",
    findUnsupported(properties) {
      const { Roles } = properties;
      const unsupported = otherThan("PolicyName", "PolicyDocument", "Roles")(properties);
      if (unsupported.length > 0 || (Array.isArray(Roles) && Roles.length > 0)) return unsupported;
      return [{ path: "/", reason: "a policy needs Roles: chubo knows neither users nor groups" }];
    },
    async create({ properties, generatedName }) {
      const { PolicyName, PolicyDocument, Roles = [] } = properties;
      const put = async () => {
        for (const RoleName of Roles as string[]) {
          const policy = { PolicyName, PolicyDocument: documentText(PolicyDocument) };
          await call("iam", "PutRolePolicy", { RoleName, ...policy });
        }
      };
      await completeResource(put, () => remove(properties));
      return { physicalId: generatedName, attributes: { Id: generatedName } };
    },
    delete: ({ properties }) => remove(properties),
  };
}
