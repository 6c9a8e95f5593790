import type { CreateProjectCommandOutput } from "@aws-sdk/client-codebuild";
import type { GetRoleCommandOutput } from "@aws-sdk/client-iam";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { toApiShape } from "./api-shape.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { onlyAs } from "./unsupported-properties.ts";

export function codeBuildProjectProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::CodeBuild::Project";
  return {
    type,
    findUnsupported: (properties) => [
      ...onlyAs(properties, "Visibility", ["PRIVATE"]),
      ...onlyAs(properties, "ResourceAccessRole", []),
    ],
    async create({ properties, generatedName }) {
      // Nothing on this machine pushes to a provider: a trigger has nothing to listen to, and a build is started by hand.
      const { Visibility: _, Triggers: __, Name, ServiceRole, ...rest } = properties;
      const { project } = await call<CreateProjectCommandOutput>("codebuild", "CreateProject", {
        ...toApiShape(type, rest),
        name: Name ?? generatedName,
        serviceRole: await roleArn(call, String(ServiceRole)),
      });
      const name = project?.name ?? "";
      return { physicalId: name, attributes: { Arn: project?.arn ?? "", Id: project?.arn ?? "" } };
    },
    // Deleting a project that is not there succeeds.
    delete: async ({ physicalId }) => void (await call("codebuild", "DeleteProject", { name: physicalId })),
  };
}

/** A template may give the role by its name, as Ref returns it; the API takes the ARN only. */
async function roleArn(call: ServiceCall, role: string): Promise<string> {
  if (role.startsWith("arn:")) return role;
  const { Role } = await call<GetRoleCommandOutput>("iam", "GetRole", { RoleName: role });
  return Role?.Arn ?? role;
}
