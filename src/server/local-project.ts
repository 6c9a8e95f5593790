import { basename } from "node:path";
import type { CreateRoleCommandOutput } from "@aws-sdk/client-iam";
import type { ProjectRecord } from "../services/codebuild/project.ts";
import type { Account } from "./account.ts";

export interface LocalProjectOptions {
  /** The project is named after it. */
  sourceDirectory: string;
  image: string;
  privileged: boolean;
}

const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

/** A project for a directory that no template describes. Its role may do everything in the account, which is empty. */
export async function makeLocalProject(account: Account, options: LocalProjectOptions): Promise<ProjectRecord> {
  const { api, root, codeBuild } = account;
  const name = projectName(options.sourceDirectory);
  const RoleName = "chubo-build";
  const { Role } = await api.call<CreateRoleCommandOutput>(
    "iam",
    "CreateRole",
    { RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) },
    root,
  );
  const policy = { RoleName, PolicyName: "everything", PolicyDocument: JSON.stringify(everything) };
  await api.call("iam", "PutRolePolicy", policy, root);
  await api.call(
    "codebuild",
    "CreateProject",
    {
      name,
      source: { type: "CODEPIPELINE" },
      artifacts: { type: "CODEPIPELINE" },
      environment: {
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_SMALL",
        image: options.image,
        privilegedMode: options.privileged,
      },
      serviceRole: Role?.Arn,
      buildBatchConfig: { serviceRole: Role?.Arn },
    },
    root,
  );
  const project = codeBuild.store.projects.get(name);
  if (project === undefined) throw new Error(`the project ${name} was made and is not there`);
  return project;
}

/** `my app/` → `my-app`; AWS wants two characters at least, a letter or digit first. */
function projectName(directory: string): string {
  const cleaned = basename(directory)
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "");
  return cleaned.length < 2 ? "build" : cleaned.slice(0, 150);
}
