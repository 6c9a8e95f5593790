import type { CreateProjectCommandOutput } from "@aws-sdk/client-codebuild";
import { AwsError } from "../../aws-api/aws-error.ts";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { lowerCamel } from "./supported-properties.ts";

export function codeBuildProjectProvider(call: ServiceCall): ResourceProvider {
  return {
    type: "AWS::CodeBuild::Project",
    async create({ properties, generatedName, account }) {
      const { Visibility = "PRIVATE", Triggers, Name, ServiceRole, Source, Tags, ...rest } = properties;
      if (Visibility !== "PRIVATE") throw unsupported("Visibility PUBLIC_READ");
      if (Triggers !== undefined) throw unsupported("Triggers (webhooks)");
      const { BuildSpec, ...source } = Source as Record<string, unknown>;
      const role = String(ServiceRole);
      const tags = (Tags as { Key: string; Value: string }[] | undefined)?.map(({ Key, Value }) => ({
        key: Key,
        value: Value,
      }));
      const { project } = await call<CreateProjectCommandOutput>("codebuild", "CreateProject", {
        ...(lowerCamel(rest) as object),
        name: String(Name ?? generatedName),
        source: { ...(lowerCamel(source) as object), ...(BuildSpec === undefined ? {} : { buildspec: BuildSpec }) },
        // A template may give the role by its name, as Ref returns it.
        serviceRole: role.startsWith("arn:") ? role : `arn:aws:iam::${account}:role/${role}`,
        ...(tags === undefined ? {} : { tags }),
      });
      return { physicalId: project?.name ?? "", attributes: { Arn: project?.arn ?? "", Id: project?.name ?? "" } };
    },
    delete: async ({ physicalId }) => void (await call("codebuild", "DeleteProject", { name: physicalId })),
  };
}

function unsupported(what: string): AwsError {
  return new AwsError(
    "ValidationError",
    `Chubo does not support ${what} of AWS::CodeBuild::Project yet (see docs/deviations.md)`,
  );
}
