/**
 * AWS managed policies that roles of container pipelines attach. Their effects and actions were compared in November
 * 2026 with a daily public copy of what AWS's API answers (https://github.com/zoph-io/MAMIP), PowerUser of ECR with the
 * AWS Managed Policy Reference (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/); each key's comment
 * gives the version that was read. AWS adds actions from time to time. A policy that is not here is refused by name.
 */
export interface AwsManagedPolicy {
  arn: string;
  policyName: string;
  path: string;
  document: string;
}

const policyPrefix = "arn:aws:iam::aws:policy/";

export function findAwsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
  const key = arn.startsWith(policyPrefix) ? arn.slice(policyPrefix.length) : "";
  return Object.hasOwn(statementsByPolicy, key) ? describe(key) : undefined;
}

export function isAwsManaged(arn: string): boolean {
  return arn.startsWith(policyPrefix);
}

export function listAwsManagedPolicies(): AwsManagedPolicy[] {
  return Object.keys(statementsByPolicy).map(describe);
}

function describe(key: string): AwsManagedPolicy {
  const slash = key.lastIndexOf("/") + 1;
  const document = { Version: "2012-10-17", Statement: statementsByPolicy[key] };
  return {
    arn: policyPrefix + key,
    policyName: key.slice(slash),
    path: `/${key.slice(0, slash)}`,
    document: JSON.stringify(document),
  };
}

interface AllowStatement {
  Effect: "Allow";
  Action?: string[];
  NotAction?: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string[]>>;
}

const allow = (Action: string[], Resource: string | string[] = "*"): AllowStatement => ({
  Effect: "Allow",
  Action,
  Resource,
});

const ecrRead = [
  "ecr:GetAuthorizationToken",
  "ecr:BatchCheckLayerAvailability",
  "ecr:GetDownloadUrlForLayer",
  "ecr:GetRepositoryPolicy",
  "ecr:DescribeRepositories",
  "ecr:ListImages",
  "ecr:DescribeImages",
  "ecr:BatchGetImage",
  "ecr:GetLifecyclePolicy",
  "ecr:GetLifecyclePolicyPreview",
  "ecr:ListTagsForResource",
  "ecr:DescribeImageScanFindings",
];
const ecrPush = ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"];

const statementsByPolicy: Record<string, AllowStatement[]> = {
  // v1, 2015-02-06
  AdministratorAccess: [allow(["*"])],
  // v12, 2026-02-12
  PowerUserAccess: [
    { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
    allow([
      "account:GetAccountInformation",
      "account:GetGovCloudAccountInformation",
      "account:GetPrimaryEmail",
      "account:ListRegions",
      "iam:CreateServiceLinkedRole",
      "iam:DeleteServiceLinkedRole",
      "iam:ListRoles",
      "organizations:DescribeEffectivePolicy",
      "organizations:DescribeOrganization",
    ]),
  ],
  // v3, 2019-12-10
  AmazonEC2ContainerRegistryReadOnly: [allow(ecrRead)],
  // v3, 2019-12-10
  AmazonEC2ContainerRegistryPowerUser: [allow([...ecrRead, ...ecrPush])],
  // v3, 2020-12-05
  AmazonEC2ContainerRegistryFullAccess: [
    allow(["ecr:*", "cloudtrail:LookupEvents"]),
    {
      ...allow(["iam:CreateServiceLinkedRole"]),
      Condition: { StringEquals: { "iam:AWSServiceName": ["replication.ecr.amazonaws.com"] } },
    },
  ],
  // v1, 2017-11-16
  "service-role/AmazonECSTaskExecutionRolePolicy": [
    allow([
      "ecr:GetAuthorizationToken",
      "ecr:BatchCheckLayerAvailability",
      "ecr:GetDownloadUrlForLayer",
      "ecr:BatchGetImage",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]),
  ],
  // v3, 2025-05-20
  CloudWatchLogsFullAccess: [allow(["logs:*", "cloudwatch:GenerateQuery", "cloudwatch:GenerateQueryResultsSummary"])],
  // v2, 2021-09-27
  AmazonS3FullAccess: [allow(["s3:*", "s3-object-lambda:*"])],
  // v3, 2023-08-10
  AmazonS3ReadOnlyAccess: [
    allow(["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"]),
  ],
  // v1, 2015-05-29
  AmazonSSMReadOnlyAccess: [allow(["ssm:Describe*", "ssm:Get*", "ssm:List*"])],
  // v6, 2026-08-25
  SecretsManagerReadWrite: [
    allow([
      "secretsmanager:*",
      ...["CreateChangeSet", "DescribeChangeSet", "DescribeStackResource", "DescribeStacks", "ExecuteChangeSet"].map(
        (name) => `cloudformation:${name}`,
      ),
      ...["docdb-elastic:GetCluster", "docdb-elastic:ListClusters"],
      ...["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
      ...["kms:DescribeKey", "kms:ListAliases", "kms:ListKeys", "lambda:ListFunctions"],
      ...["rds:DescribeDBClusters", "rds:DescribeDBInstances", "redshift:DescribeClusters"],
      ...["redshift-serverless:ListWorkgroups", "redshift-serverless:GetNamespace", "tag:GetResources"],
    ]),
    allow(
      ["AddPermission", "CreateFunction", "GetFunction", "InvokeFunction", "UpdateFunctionConfiguration"].map(
        (name) => `lambda:${name}`,
      ),
      "arn:aws:lambda:*:*:function:SecretsManager*",
    ),
    allow(
      ["serverlessrepo:CreateCloudFormationChangeSet", "serverlessrepo:GetApplication"],
      "arn:aws:serverlessrepo:*:*:applications/SecretsManager*",
    ),
    allow(
      ["s3:GetObject"],
      ["arn:aws:s3:::awsserverlessrepo-changesets*", "arn:aws:s3:::secrets-manager-rotation-apps-*/*"],
    ),
    {
      ...allow(["cloudformation:TagResource", "cloudformation:UntagResource"]),
      Condition: { StringEquals: { "cloudformation:CreateAction": ["CreateChangeSet", "ExecuteChangeSet"] } },
    },
  ],
};
