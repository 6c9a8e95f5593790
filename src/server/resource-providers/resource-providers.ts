import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import { codeBuildProjectProvider } from "./codebuild-project.ts";
import { codeBuildReportGroupProvider } from "./codebuild-report-group.ts";
import { codeBuildSourceCredentialProvider } from "./codebuild-source-credential.ts";
import { ecrPullThroughCacheRuleProvider } from "./ecr-pull-through-cache-rule.ts";
import { ecrRepositoryProvider } from "./ecr-repository.ts";
import { ecsTaskDefinitionProvider } from "./ecs-task-definition.ts";
import { iamManagedPolicyProvider } from "./iam-managed-policy.ts";
import { iamPolicyProvider } from "./iam-policy.ts";
import { iamRoleProvider } from "./iam-role.ts";
import { logGroupProvider } from "./log-group.ts";
import { s3BucketProvider } from "./s3-bucket.ts";
import { secretProvider } from "./secret.ts";
import { ssmParameterProvider } from "./ssm-parameter.ts";

/** An AWS operation in the stack's region, in the name of whoever makes the stack. */
export type ServiceCall = <Output>(service: string, operation: string, input: object) => Promise<Output>;

/** A provider for each resource type that a template may hold. */
export function resourceProviders(call: ServiceCall): ResourceProvider[] {
  return [
    s3BucketProvider,
    ecrRepositoryProvider,
    ecrPullThroughCacheRuleProvider,
    ecsTaskDefinitionProvider,
    secretProvider,
    iamRoleProvider,
    iamPolicyProvider,
    iamManagedPolicyProvider,
    codeBuildProjectProvider,
    codeBuildReportGroupProvider,
    codeBuildSourceCredentialProvider,
    logGroupProvider,
    ssmParameterProvider,
  ].map((provider) => provider(call));
}
