import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { CallContext, Operations, Permission } from "../../../aws-api/service.ts";
import type { CodeBuildStore } from "../codebuild-store.ts";
import { nameOfReportArn } from "../reports/report-group.ts";
import { projectNameOf } from "./find-records.ts";
import { invalid } from "./project-input.ts";

/** Policies on projects and report groups are kept, and not evaluated: there is one account. */
export function resourcePolicyOperations(store: CodeBuildStore) {
  const { policies } = store;
  const on =
    (operation: string) =>
    (input: { resourceArn?: string | undefined }, _context: CallContext): Permission[] => [
      { action: `codebuild:${operation}`, resource: input.resourceArn ?? "*" },
    ];
  const onAll = (operation: string) => () => [{ action: `codebuild:${operation}`, resource: "*" }];
  return {
    PutResourcePolicy: {
      permissions: on("PutResourcePolicy"),
      run({ resourceArn = "", policy = "" }) {
        checkResource(store, resourceArn);
        checkPolicy(policy);
        policies.put(resourceArn, policy);
        return { resourceArn };
      },
    },
    GetResourcePolicy: {
      permissions: on("GetResourcePolicy"),
      run({ resourceArn = "" }) {
        const policy = policies.get(resourceArn);
        if (policy !== undefined) return { policy };
        throw new AwsError("ResourceNotFoundException", `Resource policy does not exist: ${resourceArn}`);
      },
    },
    DeleteResourcePolicy: {
      permissions: on("DeleteResourcePolicy"),
      run({ resourceArn = "" }) {
        policies.delete(resourceArn);
        return {};
      },
    },
    // Nobody else is there who could share something with this account.
    ListSharedProjects: {
      permissions: onAll("ListSharedProjects"),
      run: () => ({ projects: [] }),
    },
    ListSharedReportGroups: {
      permissions: onAll("ListSharedReportGroups"),
      run: () => ({ reportGroups: [] }),
    },
  } satisfies Operations<typeof Sdk>;
}

function checkResource({ projects, reports }: CodeBuildStore, arn: string): void {
  const found = arn.includes(":report-group/")
    ? reports.groups.get(nameOfReportArn(arn))
    : projects.get(projectNameOf(arn));
  if (found?.arn !== arn) throw new AwsError("ResourceNotFoundException", `Resource does not exist: ${arn}`);
}

function checkPolicy(policy: string): void {
  try {
    const document: unknown = JSON.parse(policy);
    if (typeof document === "object" && document !== null && "Statement" in document) return;
  } catch {
    // Refused below, without the parser's words: they quote the text.
  }
  throw invalid("The resource policy must be a JSON policy document with a Statement");
}
