import type { CreateRepositoryCommandOutput } from "@aws-sdk/client-ecr";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { lowerCamel, supportOnly, unlessGone } from "./supported-properties.ts";

const supported = [
  "RepositoryName",
  "ImageScanningConfiguration",
  "ImageTagMutability",
  "EncryptionConfiguration",
  "Tags",
];

export function ecrRepositoryProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::ECR::Repository";
  return {
    type,
    async create({ properties, generatedName }) {
      supportOnly(type, properties, [...supported, "RepositoryPolicyText", "LifecyclePolicy"]);
      const { RepositoryName, RepositoryPolicyText, LifecyclePolicy, Tags, ...rest } = properties;
      const repositoryName = String(RepositoryName ?? generatedName.toLowerCase());
      const { repository } = await call<CreateRepositoryCommandOutput>("ecr", "CreateRepository", {
        ...(lowerCamel(rest) as object),
        repositoryName,
        ...(Tags === undefined ? {} : { tags: Tags }),
      });
      if (RepositoryPolicyText !== undefined) {
        const policyText =
          typeof RepositoryPolicyText === "string" ? RepositoryPolicyText : JSON.stringify(RepositoryPolicyText);
        await call("ecr", "SetRepositoryPolicy", { repositoryName, policyText });
      }
      const lifecycle = (LifecyclePolicy as { LifecyclePolicyText?: string } | undefined)?.LifecyclePolicyText;
      if (lifecycle !== undefined)
        await call("ecr", "PutLifecyclePolicy", { repositoryName, lifecyclePolicyText: lifecycle });
      return {
        physicalId: repositoryName,
        attributes: { Arn: repository?.repositoryArn ?? "", RepositoryUri: repository?.repositoryUri ?? "" },
      };
    },
    delete: ({ physicalId }) =>
      unlessGone(call("ecr", "DeleteRepository", { repositoryName: physicalId }), "RepositoryNotFoundException"),
  };
}
