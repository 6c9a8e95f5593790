import type { CreateProjectCommandOutput } from "@aws-sdk/client-codebuild";
import type { GetRoleCommandOutput } from "@aws-sdk/client-iam";
import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { apiName, toApiShape } from "./api-shape.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { onlyAs } from "./unsupported-properties.ts";
import { completeResource } from "./whole-resource.ts";

export function codeBuildProjectProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::CodeBuild::Project";
  return {
    type,
    findUnsupported: (properties) => [
      ...onlyAs(properties, "Visibility", ["PRIVATE"]),
      ...onlyAs(properties, "ResourceAccessRole", []),
    ],
    async create({ properties, generatedName }) {
      const { Visibility: _, Triggers, Name, ServiceRole, ...rest } = properties;
      const { project } = await call<CreateProjectCommandOutput>("codebuild", "CreateProject", {
        ...toApiShape(type, rest),
        name: Name ?? generatedName,
        serviceRole: await roleArn(call, String(ServiceRole)),
      });
      const name = project?.name ?? "";
      await completeResource(
        () => createWebhook(call, name, (Triggers ?? {}) as Triggers),
        async () => void (await call("codebuild", "DeleteProject", { name })),
      );
      return { physicalId: name, attributes: { Arn: project?.arn ?? "", Id: project?.arn ?? "" } };
    },
    // Deleting a project that is not there succeeds.
    delete: async ({ physicalId }) => void (await call("codebuild", "DeleteProject", { name: physicalId })),
  };
}

interface Triggers {
  Webhook?: boolean;
  BuildType?: string;
  FilterGroups?: { Type: string; Pattern: string; ExcludeMatchedPattern?: boolean }[][];
  ScopeConfiguration?: { Name: string; Domain?: string; Scope?: string };
}

/** It is kept with the project; no event of a provider reaches this machine. */
async function createWebhook(call: ServiceCall, projectName: string, triggers: Triggers): Promise<void> {
  if (triggers.Webhook !== true) return;
  const { BuildType: buildType, FilterGroups, ScopeConfiguration: scope } = triggers;
  const filterGroups = FilterGroups?.map((group) => group.map(camelCase));
  await call("codebuild", "CreateWebhook", {
    projectName,
    ...(buildType !== undefined && { buildType }),
    ...(filterGroups !== undefined && { filterGroups }),
    ...(scope !== undefined && { scopeConfiguration: camelCase(scope) }),
  });
}

function camelCase(members: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [apiName(name), value]));
}

/** A template may give the role by its name, as Ref returns it; the API takes the ARN only. */
async function roleArn(call: ServiceCall, role: string): Promise<string> {
  if (role.startsWith("arn:")) return role;
  const { Role } = await call<GetRoleCommandOutput>("iam", "GetRole", { RoleName: role });
  return Role?.Arn ?? role;
}
