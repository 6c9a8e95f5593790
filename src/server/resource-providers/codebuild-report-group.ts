import type { CreateReportGroupCommandOutput } from "@aws-sdk/client-codebuild";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { toApiShape } from "./api-shape.ts";
import type { ServiceCall } from "./resource-providers.ts";

/** Deleting fails where there are reports, as on AWS, unless DeleteReports says otherwise. */
export function codeBuildReportGroupProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::CodeBuild::ReportGroup";
  return {
    type,
    async create({ properties, generatedName }) {
      const { DeleteReports: _, ...rest } = properties;
      const { reportGroup } = await call<CreateReportGroupCommandOutput>("codebuild", "CreateReportGroup", {
        name: generatedName,
        ...toApiShape(type, rest),
      });
      const arn = reportGroup?.arn ?? "";
      return { physicalId: arn, attributes: { Arn: arn } };
    },
    async delete({ physicalId, properties }) {
      const deleteReports = properties.DeleteReports === true;
      await call("codebuild", "DeleteReportGroup", { arn: physicalId, deleteReports });
    },
  };
}
