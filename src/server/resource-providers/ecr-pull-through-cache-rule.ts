import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { toApiShape } from "./api-shape.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { unlessGone } from "./whole-resource.ts";

/** What was pulled through it stays when the rule goes, as on AWS. */
export function ecrPullThroughCacheRuleProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::ECR::PullThroughCacheRule";
  return {
    type,
    async create({ properties }) {
      await call("ecr", "CreatePullThroughCacheRule", toApiShape(type, properties));
      return { physicalId: String(properties.EcrRepositoryPrefix), attributes: {} };
    },
    delete({ physicalId }) {
      const deletion = call("ecr", "DeletePullThroughCacheRule", { ecrRepositoryPrefix: physicalId });
      return unlessGone(deletion, "PullThroughCacheRuleNotFoundException");
    },
  };
}
