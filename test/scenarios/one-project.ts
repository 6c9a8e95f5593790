import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A project that has no source and no artifacts, and whose build phase runs these commands. */
export interface OneProject {
  commands: readonly string[];
  image?: string;
  privileged?: boolean;
  /** The project's, and the buildspec's. */
  cache?: object;
  cacheBlock?: object;
}

/** Writes a template of one CodeBuild project and the role that it needs; returns the file. */
export function writeOneProject(directory: string, project: OneProject): string {
  const { commands, image = "aws/codebuild/standard:7.0", privileged = false, cache, cacheBlock } = project;
  const allow = (rest: object) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...rest }] });
  const role = {
    AssumeRolePolicyDocument: allow({ Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }),
    Policies: [{ PolicyName: "logs", PolicyDocument: allow({ Action: "logs:*", Resource: "*" }) }],
  };
  const buildspec = { version: 0.2, phases: { build: { commands } }, cache: cacheBlock };
  const build = {
    Name: "one-project",
    ServiceRole: { "Fn::GetAtt": ["Role", "Arn"] },
    Artifacts: { Type: "NO_ARTIFACTS" },
    Environment: {
      Type: "LINUX_CONTAINER",
      ComputeType: "BUILD_GENERAL1_SMALL",
      Image: image,
      PrivilegedMode: privileged,
    },
    Source: { Type: "NO_SOURCE", BuildSpec: JSON.stringify(buildspec) },
    Cache: cache,
  };
  const file = join(directory, "template.json");
  const resources = {
    Role: { Type: "AWS::IAM::Role", Properties: role },
    Project: { Type: "AWS::CodeBuild::Project", Properties: build },
  };
  writeFileSync(file, JSON.stringify({ Resources: resources }));
  return file;
}
