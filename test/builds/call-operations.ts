// CodeBuild's operations as the wire layer calls them, without the wire.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { CreateProjectCommandInput } from "@aws-sdk/client-codebuild";
import { AwsError } from "../../src/aws-api/aws-error.ts";
import type { CallContext } from "../../src/aws-api/service.ts";
import type { BuildCollaborators } from "../../src/services/codebuild/collaborators.ts";
import { codeBuildOperations } from "../../src/services/codebuild/operations.ts";
import { account, buildspecOf, openTestAccount, region } from "./run-test-build.ts";

export const callContext: CallContext = {
  ...{ service: "codebuild", operation: "", requestId: "r", region, account },
  principal: { arn: `arn:aws:iam::${account}:user/alice`, account, userId: "u" },
};

export const environment = { type: "LINUX_CONTAINER", image: "i", computeType: "BUILD_GENERAL1_SMALL" } as const;

export const hello: CreateProjectCommandInput = {
  name: "hello",
  source: { type: "NO_SOURCE", buildspec: buildspecOf({ build: ['echo "hello $CODEBUILD_INITIATOR $X"'] }) },
  artifacts: { type: "NO_ARTIFACTS" },
  environment,
  serviceRole: `arn:aws:iam::${account}:role/r`,
};

/** An account and its operations, whose clock goes on by `later` alone. */
export function openOperations(t: TestContext, collaborators: Partial<BuildCollaborators> = {}) {
  const opened = openTestAccount(t, collaborators);
  let time = Date.UTC(2026, 10, 24);
  const operations = codeBuildOperations(opened.codeBuild, () => new Date(time));
  const call = async <Name extends keyof typeof operations>(
    name: Name,
    input: Parameters<NonNullable<(typeof operations)[Name]>["run"]>[0],
  ) => {
    const operation = operations[name] as { run(input: unknown, context: CallContext): unknown };
    return (await operation.run(input, callContext)) as Awaited<
      ReturnType<NonNullable<(typeof operations)[Name]>["run"]>
    >;
  };
  const later = (milliseconds: number) => {
    time += milliseconds;
  };
  return { opened, operations, call, later };
}

export async function rejects(promise: Promise<unknown>, name: string, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof AwsError, String(error));
    assert.equal(error.name, name);
    assert.match(error.message, message);
    return true;
  });
}
