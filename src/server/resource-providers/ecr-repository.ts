import type { CreateRepositoryCommandOutput } from "@aws-sdk/client-ecr";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { toApiShape } from "./api-shape.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { completeResource, documentText, unlessGone } from "./whole-resource.ts";

/** Deleting fails where there are images, as on AWS, unless EmptyOnDelete says otherwise. */
export function ecrRepositoryProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::ECR::Repository";
  return {
    type,
    async create({ properties, generatedName }) {
      const {
        RepositoryName,
        RepositoryPolicyText,
        LifecyclePolicy,
        EmptyOnDelete: _,
        Tags: tags,
        ...rest
      } = properties;
      const repositoryName = String(RepositoryName ?? generatedName.toLowerCase());
      const { repository } = await call<CreateRepositoryCommandOutput>("ecr", "CreateRepository", {
        ...toApiShape(type, rest),
        repositoryName,
        // ECR's tags have capital names, unlike its other members.
        ...(tags !== undefined && { tags }),
      });
      const setPolicies = async () => {
        if (RepositoryPolicyText !== undefined) {
          const policyText = documentText(RepositoryPolicyText);
          await call("ecr", "SetRepositoryPolicy", { repositoryName, policyText });
        }
        const { LifecyclePolicyText, RegistryId } = (LifecyclePolicy ?? {}) as Record<string, string | undefined>;
        if (LifecyclePolicyText !== undefined) {
          await call("ecr", "PutLifecyclePolicy", {
            ...{ repositoryName, lifecyclePolicyText: LifecyclePolicyText },
            ...(RegistryId !== undefined && { registryId: RegistryId }),
          });
        }
      };
      await completeResource(setPolicies, () => call("ecr", "DeleteRepository", { repositoryName }));
      return {
        physicalId: repositoryName,
        attributes: { Arn: repository?.repositoryArn ?? "", RepositoryUri: repository?.repositoryUri ?? "" },
      };
    },
    delete({ physicalId, properties }) {
      const force = properties.EmptyOnDelete === true ? { force: true } : {};
      const deletion = call("ecr", "DeleteRepository", { repositoryName: physicalId, ...force });
      return unlessGone(deletion, "RepositoryNotFoundException");
    },
  };
}
