/**
 * AWS managed policies that roles of container pipelines attach, as AWS published them when this was written. They were
 * not read from an account: AWS adds actions to them from time to time. A policy that is not here is refused by name.
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
  AdministratorAccess: [allow(["*"])],
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
  AmazonEC2ContainerRegistryReadOnly: [allow(ecrRead)],
  AmazonEC2ContainerRegistryPowerUser: [allow([...ecrRead, ...ecrPush])],
  AmazonEC2ContainerRegistryFullAccess: [
    allow(["ecr:*", "cloudtrail:LookupEvents"]),
    {
      ...allow(["iam:CreateServiceLinkedRole"]),
      Condition: { StringEquals: { "iam:AWSServiceName": ["replication.ecr.amazonaws.com"] } },
    },
  ],
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
  CloudWatchLogsFullAccess: [allow(["logs:*", "cloudwatch:GenerateQuery", "cloudwatch:GenerateQueryResultsSummary"])],
  AmazonS3FullAccess: [allow(["s3:*", "s3-object-lambda:*"])],
  AmazonS3ReadOnlyAccess: [
    allow(["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"]),
  ],
  AmazonSSMReadOnlyAccess: [allow(["ssm:Describe*", "ssm:Get*", "ssm:List*"])],
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
