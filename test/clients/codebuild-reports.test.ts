// The AWS CLI and boto3 against `chubo up`: parameters, report groups, reports, source credentials, webhooks and the rest.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ChuboUp, startChuboUp } from "../fixtures/chubo-up.ts";

const directory = mkdtempSync(join(tmpdir(), "chubo-test-codebuild-"));
let up: ChuboUp;

before(async () => {
  up = await startChuboUp(directory, ["--environment", "host"]);
});
after(async () => {
  await up.stop();
  rmSync(directory, { recursive: true, force: true });
});

const text = (words: string) => up.shell(`aws ${words}`);
const json = async (words: string) => JSON.parse(await text(words));

/** Runs Python with boto3's clients `ssm`, `codebuild` and `s3`, and a function that says how a call was refused. */
async function python(script: string): Promise<string> {
  const file = join(directory, "script.py");
  const head = `
import boto3, json, time
from botocore.exceptions import ClientError
ssm, codebuild, s3 = (boto3.client(name) for name in ("ssm", "codebuild", "s3"))
def refusal(call, **input):
    try:
        call(**input)
    except ClientError as error:
        return error.response["Error"]["Code"] + ": " + error.response["Error"]["Message"]
    raise AssertionError("not refused")
def run(**input):
    build = codebuild.start_build(**input)["build"]
    while build["buildStatus"] == "IN_PROGRESS":
        time.sleep(0.1)
        build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
    return build
`;
  writeFileSync(file, head + script);
  return up.shell(`/usr/bin/python3 ${file}`);
}

const allow = (action: string | string[]) => ({ Effect: "Allow", Action: action, Resource: "*" });
const junit =
  '<testsuite name="s"><testcase classname="c" name="adds"/><testcase classname="c" name="falls"><failure message="no"/></testcase></testsuite>';
const cobertura =
  '<coverage line-rate="0.5"><class filename="a.py"><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class></coverage>';
const buildspec = {
  version: 0.2,
  env: { "parameter-store": { SECRET: "/clients/secret" } },
  phases: {
    build: { commands: [`echo '${junit}' > unit.xml`, `echo '${cobertura}' > cover.xml`, "echo secret=$SECRET"] },
  },
  reports: {
    unit: { files: ["unit.xml"] },
    "arn:aws:codebuild:us-east-1:123456789012:report-group/covered": {
      files: "cover.xml",
      "file-format": "COBERTURAXML",
    },
  },
};
const trust = {
  Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const statements = [
  allow(["logs:*", "ssm:GetParameters", "s3:PutObject", "codebuild:CreateReportGroup", "codebuild:CreateReport"]),
  allow(["codebuild:UpdateReport", "codebuild:BatchPutTestCases", "codebuild:BatchPutCodeCoverages"]),
];
const template = {
  Parameters: { Image: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/clients/image" } },
  Resources: {
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "clients-reports" } },
    Group: {
      Type: "AWS::CodeBuild::ReportGroup",
      Properties: {
        ...{ Name: "covered", Type: "CODE_COVERAGE", DeleteReports: true },
        ExportConfig: { ExportConfigType: "S3", S3Destination: { Bucket: { Ref: "Bucket" }, Path: "raw" } },
      },
    },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: trust,
        Policies: [{ PolicyName: "build", PolicyDocument: { Statement: statements } }],
      },
    },
    Build: {
      Type: "AWS::CodeBuild::Project",
      Properties: {
        Name: "clients",
        ServiceRole: { "Fn::GetAtt": ["Role", "Arn"] },
        Artifacts: { Type: "NO_ARTIFACTS" },
        Environment: { Type: "LINUX_CONTAINER", ComputeType: "BUILD_GENERAL1_SMALL", Image: { Ref: "Image" } },
        Source: { Type: "NO_SOURCE", BuildSpec: JSON.stringify(buildspec) },
      },
    },
  },
  Outputs: { Group: { Value: { Ref: "Group" } } },
};

test("the AWS CLI keeps parameters of all types, with versions, labels, filters and tags", async () => {
  const put = await json("ssm put-parameter --name /clients/secret --type SecureString --value correct-horse");
  assert.deepEqual(put, { Version: 1, Tier: "Standard" });
  await text("ssm put-parameter --name /clients/image --type String --value aws/codebuild/standard:7.0");
  await text("ssm put-parameter --name /clients/image --value aws/codebuild/standard:6.0 --overwrite");
  await text("ssm label-parameter-version --name /clients/image --parameter-version 1 --labels live");
  const value = (name: string, more = "") =>
    text(`ssm get-parameter --name ${name} --query Parameter.Value --output text ${more}`);
  assert.equal(await value("/clients/image:live"), "aws/codebuild/standard:7.0\n");
  assert.equal(await value("/clients/secret", "--with-decryption"), "correct-horse\n");
  assert.notEqual(await value("/clients/secret"), "correct-horse\n");
  const { Parameters } = await json("ssm get-parameters-by-path --path /clients");
  assert.equal(Parameters.length, 2);
  const filter = "--parameter-filters Key=Type,Values=SecureString";
  assert.equal((await json(`ssm describe-parameters ${filter}`)).Parameters[0].Name, "/clients/secret");
  await assert.rejects(text("ssm get-parameter --name /none"), /ParameterNotFound/);
  await assert.rejects(
    text("ssm put-parameter --name /clients/image --type String --value x"),
    /ParameterAlreadyExists/,
  );
});

test("boto3 pages, labels, tags and deletes parameters", async () => {
  const printed = await python(`
for number in range(13):
    ssm.put_parameter(Name=f"/pages/p{number:02}", Type="String", Value="x")
pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/pages")
assert [len(page["Parameters"]) for page in pages] == [10, 3]
ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/pages/p00", Tags=[{"Key": "a", "Value": "b"}])
assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/pages/p00")["TagList"] == [{"Key": "a", "Value": "b"}]
history = ssm.get_parameter_history(Name="/clients/image")["Parameters"]
assert [(one["Version"], one["Labels"]) for one in history] == [(1, ["live"]), (2, [])], history
gone = ssm.delete_parameters(Names=["/pages/p00", "/pages/none"])
assert gone["DeletedParameters"] == ["/pages/p00"] and gone["InvalidParameters"] == ["/pages/none"]
print(refusal(ssm.put_parameter, Name="aws-x", Type="String", Value="x"))
print(refusal(ssm.get_parameters, Names=[f"n{number}" for number in range(11)])[:60])
`);
  assert.match(printed, /^ValidationException: Parameter name: can't be prefixed/);
  assert.match(printed, /\nValidationException: 1 validation error detected: Value/);
});

test("a template reads a parameter, and its build makes reports that the AWS CLI describes", async () => {
  const file = join(directory, "template.json");
  writeFileSync(file, JSON.stringify(template));
  await text(`cloudformation deploy --stack-name clients --template-file ${file} --capabilities CAPABILITY_IAM`);
  const { projects } = await json("codebuild batch-get-projects --names clients");
  assert.equal(projects[0].environment.image, "aws/codebuild/standard:6.0");
  await python(
    `build = run(projectName="clients"); assert build["buildStatus"] == "SUCCEEDED", build; assert len(build["reportArns"]) == 2`,
  );
  const log = await text("logs tail /aws/codebuild/clients --format short");
  assert.match(log, /secret=\*\*\*/);
  assert.doesNotMatch(log, /correct-horse/);
  const prefix = "arn:aws:codebuild:us-east-1:123456789012:report-group";
  const { reportGroups } = await json("codebuild list-report-groups");
  assert.deepEqual(reportGroups, [`${prefix}/clients-unit`, `${prefix}/covered`]);
  const [unit] = (await json(`codebuild list-reports-for-report-group --report-group-arn ${prefix}/clients-unit`))
    .reports;
  const { reports } = await json(`codebuild batch-get-reports --report-arns ${unit}`);
  assert.deepEqual([reports[0].status, reports[0].testSummary.statusCounts.FAILED], ["FAILED", 1]);
  const cases = await json(`codebuild describe-test-cases --report-arn ${unit} --filter status=FAILED`);
  assert.deepEqual([cases.testCases.length, cases.testCases[0].message], [1, "no"]);
  const [covered] = (await json(`codebuild list-reports-for-report-group --report-group-arn ${prefix}/covered`))
    .reports;
  const { codeCoverages } = await json(`codebuild describe-code-coverages --report-arn ${covered} --sort-by FILE_PATH`);
  assert.deepEqual([codeCoverages[0].filePath, codeCoverages[0].lineCoveragePercentage], ["a.py", 50]);
  const trend = await json(
    `codebuild get-report-group-trend --report-group-arn ${prefix}/clients-unit --trend-field TOTAL`,
  );
  assert.equal(trend.stats.average, "2");
  assert.match(await text("s3 ls --recursive s3://clients-reports/raw/covered/"), /cover\.xml/);
  await assert.rejects(
    text(`codebuild delete-report-group --arn ${prefix}/clients-unit`),
    /InvalidInputException.*has reports/,
  );
  await text(`codebuild delete-report --arn ${unit}`);
  await text(`codebuild delete-report-group --arn ${prefix}/clients-unit`);
  await text("s3 rm --recursive s3://clients-reports");
  await text("cloudformation delete-stack --stack-name clients");
  await text("cloudformation wait stack-delete-complete --stack-name clients");
  assert.deepEqual((await json("codebuild list-report-groups")).reportGroups, []);
});

test("boto3 drives report groups, source credentials, webhooks, policies and what is not here", async () => {
  const printed = await python(`
group = codebuild.create_report_group(name="mine", type="TEST", exportConfig={"exportConfigType": "NO_EXPORT"})["reportGroup"]
assert group["status"] == "ACTIVE"
updated = codebuild.update_report_group(arn=group["arn"], tags=[{"key": "a", "value": "b"}])["reportGroup"]
assert updated["tags"] == [{"key": "a", "value": "b"}]
print(refusal(codebuild.create_report_group, name="mine", type="TEST", exportConfig={"exportConfigType": "NO_EXPORT"}))
policy = json.dumps({"Version": "2012-10-17", "Statement": []})
codebuild.put_resource_policy(resourceArn=group["arn"], policy=policy)
assert codebuild.get_resource_policy(resourceArn=group["arn"])["policy"] == policy
codebuild.delete_resource_policy(resourceArn=group["arn"])
print(refusal(codebuild.get_resource_policy, resourceArn=group["arn"]))
arn = codebuild.import_source_credentials(serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN", token="t")["arn"]
assert codebuild.list_source_credentials()["sourceCredentialsInfos"] == [{"arn": arn, "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}]
print(refusal(codebuild.import_source_credentials, serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN", token="t", shouldOverwrite=False))
codebuild.delete_source_credentials(arn=arn)
environment = {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"}
role = "arn:aws:iam::123456789012:role/r"
trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))
codebuild.create_project(name="hooked", source={"type": "GITHUB", "location": "https://github.com/o/r"}, artifacts={"type": "NO_ARTIFACTS"}, environment=environment, serviceRole=role)
codebuild.create_webhook(projectName="hooked", filterGroups=[[{"type": "EVENT", "pattern": "PUSH"}]])
codebuild.update_webhook(projectName="hooked", buildType="BUILD")
hook = codebuild.batch_get_projects(names=["hooked"])["projects"][0]["webhook"]
assert hook["filterGroups"][0][0]["pattern"] == "PUSH" and hook["buildType"] == "BUILD"
codebuild.delete_webhook(projectName="hooked")
hooked = codebuild.batch_get_projects(names=["hooked"])["projects"][0]["arn"]
print(refusal(codebuild.update_project_visibility, projectArn=hooked, projectVisibility="PUBLIC_READ"))
assert codebuild.list_shared_projects()["projects"] == [] and codebuild.list_shared_report_groups()["reportGroups"] == []
assert codebuild.list_curated_environment_images()["platforms"]
`);
  assert.deepEqual(printed.trimEnd().split("\n"), [
    "ResourceAlreadyExistsException: Report group already exists: arn:aws:codebuild:us-east-1:123456789012:report-group/mine",
    "ResourceNotFoundException: Resource policy does not exist: arn:aws:codebuild:us-east-1:123456789012:report-group/mine",
    "ResourceAlreadyExistsException: Access token with server type GITHUB already exists. Delete its source credential and try again.",
    "InvalidInputException: Chubo does not support projectVisibility PUBLIC_READ: it has no public site (see docs/deviations.md)",
  ]);
});
