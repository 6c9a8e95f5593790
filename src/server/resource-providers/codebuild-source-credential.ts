import type { ImportSourceCredentialsCommandOutput } from "@aws-sdk/client-codebuild";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { toApiShape } from "./api-shape.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { unlessGone } from "./whole-resource.ts";

/** A second one of the same server type is refused, as on AWS: a stack never takes over another one's. */
export function codeBuildSourceCredentialProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::CodeBuild::SourceCredential";
  return {
    type,
    async create({ properties }) {
      const input = { ...toApiShape(type, properties), shouldOverwrite: false };
      const { arn = "" } = await call<ImportSourceCredentialsCommandOutput>(
        "codebuild",
        "ImportSourceCredentials",
        input,
      );
      return { physicalId: arn, attributes: { Id: arn } };
    },
    delete: ({ physicalId }) =>
      unlessGone(call("codebuild", "DeleteSourceCredentials", { arn: physicalId }), "ResourceNotFoundException"),
  };
}
