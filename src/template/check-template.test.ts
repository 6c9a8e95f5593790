import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareText, problemsOf, types } from "../../test/fixtures/prepare-text.ts";

const reference = "TEMPLATE_REFERENCE";
const unresolved = "Template format error: Unresolved resource dependencies";
const invalid = "Property validation failure:";

const rows: { title: string; text: string; problems: string[] }[] = [
  {
    title: "a circle of resources names each of its members, and no other",
    text: `Resources:
  A: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref B}}
  B: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Sub "\${C}-x"}}
  C: {Type: "AWS::S3::Bucket", DependsOn: A}
  D: {Type: "AWS::S3::Bucket", DependsOn: A}
`,
    problems: [
      "TEMPLATE_CYCLE 2:62 Circular dependency between resources: [A, B, C] (A refers here to what refers back to it; take one of the references out)",
    ],
  },
  {
    title: "a resource that refers to itself is a circle",
    text: 'Resources: {A: {Type: "AWS::S3::Bucket", Properties: {BucketName: !GetAtt A.Arn}}}',
    problems: ["TEMPLATE_CYCLE 1:75 Circular dependency between resources: [A] (A refers to itself here)"],
  },
  {
    title: "every unresolved reference is told, each at its place",
    text: `Resources:
  Bucket:
    Type: AWS::S3::Bucket
    DependsOn: [Bukket]
    Condition: Always
    Properties:
      BucketName: !Sub |
        a
        \${Bukkit.Arn}
Outputs:
  O: {Value: !GetAtt Bucket.Anr}
  P: {Value: !Ref AWS::Regoin}
`,
    problems: [
      `${reference} 4:17 ${unresolved} [Bukket] in the Resources block of the template (did you mean "Bucket"?)`,
      "TEMPLATE_CONDITION 5:16 Template format error: Unresolved condition dependency Always in the Resources block of the template",
      `${reference} 9:9 Template error: instance of Fn::GetAtt references undefined resource Bukkit (did you mean "Bucket"?)`,
      `${reference} 11:22 Template error: resource Bucket does not support attribute type Anr in Fn::GetAtt (did you mean "Arn"?)`,
      `${reference} 12:19 ${unresolved} [AWS::Regoin] in the Outputs block of the template (did you mean "AWS::Region"?)`,
    ],
  },
  {
    title: "conditions may not look at resources",
    text: 'Conditions: {C: !Equals [!Ref R, a]}\nResources: {R: {Type: "AWS::S3::Bucket"}}',
    problems: [
      `${reference} 1:31 Template format error: Unresolved dependencies [R]. Cannot reference resources in the Conditions block of the template`,
    ],
  },
  {
    title: "an unknown resource type is refused with what there is",
    text: "Resources: {A: {Type: AWS::Lambda::Function}, B: {Type: AWS::Lambda::Function}}",
    problems: [
      `TEMPLATE_RESOURCE_TYPE 1:23 Template format error: Unrecognized resource types: [AWS::Lambda::Function] (chubo makes ${types.join(", ")})`,
    ],
  },
  {
    title: "blanks are told where they stand, also inside a block, but not in texts for people",
    text: `Description: 《title》
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: 《quoted》
      RoleName: a-《名前》-《二》
      AssumeRolePolicyDocument: !Sub |
        {"Statement": [
          {"Resource": "arn:《バケット》"}]}
`,
    problems: [
      "TEMPLATE_BLANK_LEFT 7:19 a blank is left in the template: 《名前》 (replace 《名前》 by your own value)",
      "TEMPLATE_BLANK_LEFT 7:24 a blank is left in the template: 《二》 (replace 《二》 by your own value)",
      "TEMPLATE_BLANK_LEFT 10:29 a blank is left in the template: 《バケット》 (replace 《バケット》 by your own value)",
    ],
  },
  {
    title: "properties are checked for name, presence and type, all the way down",
    text: `Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRoles: x
      Artifacts: {Type: NO_ARTIFACTS}
      Source: {Type: NO_SOURCE}
      Environment:
        Type: LINUX_CONTAINER
        Image: [a]
        PrivilegedMode: maybe
        EnvironmentVariables:
          - Name: A
            Vaule: b
      TimeoutInMinutes: 1.5
      Tags: {Key: a}
`,
    problems: [
      `TEMPLATE_PROPERTY 2:3 ${invalid} [The property {/ServiceRole} is required]`,
      `TEMPLATE_PROPERTY 5:7 ${invalid} [Encountered unsupported properties in {/}: [ServiceRoles]] (did you mean "ServiceRole"?)`,
      `TEMPLATE_PROPERTY 9:9 ${invalid} [The property {/Environment/ComputeType} is required]`,
      `TEMPLATE_PROPERTY 10:16 ${invalid} [Value of property {/Environment/Image} does not match type {String}]`,
      `TEMPLATE_PROPERTY 11:25 ${invalid} [Value of property {/Environment/PrivilegedMode} does not match type {Boolean}]`,
      `TEMPLATE_PROPERTY 13:13 ${invalid} [The property {/Environment/EnvironmentVariables/0/Value} is required]`,
      `TEMPLATE_PROPERTY 14:13 ${invalid} [Encountered unsupported properties in {/Environment/EnvironmentVariables/0}: [Vaule]] (did you mean "Value"?)`,
      `TEMPLATE_PROPERTY 15:25 ${invalid} [Value of property {/TimeoutInMinutes} does not match type {Integer}]`,
      `TEMPLATE_PROPERTY 16:13 ${invalid} [Value of property {/Tags} does not match type {List}] (write a list: each item begins with a dash)`,
    ],
  },
  {
    title: "what a supported type cannot have is refused",
    text: 'Resources: {R: {Type: "AWS::S3::Bucket", DeletionPolicy: Snapshot, CreationPolicy: {}}}',
    problems: [
      "TEMPLATE_UNSUPPORTED 1:68 CreationPolicy is not supported on resources of type AWS::S3::Bucket",
      "TEMPLATE_UNSUPPORTED 1:58 Template error: resource type AWS::S3::Bucket does not support deletion policy Snapshot (use Delete or Retain)",
    ],
  },
];
for (const { title, text, problems } of rows) {
  test(title, async () => assert.deepEqual(await problemsOf(prepareText(text)), problems));
}

test("scalars become what their property asks for", async () => {
  const { resources } = await prepareText(`Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: 0042
      ServiceRole: true
      Artifacts: {Type: NO_ARTIFACTS}
      Source: {Type: NO_SOURCE, GitCloneDepth: "1"}
      Environment: {Type: L, Image: i, ComputeType: c, PrivilegedMode: "True", EnvironmentVariables: [{Name: A, Value: 1.50}]}
`);
  assert.deepEqual(resources[0]?.checked, {
    Name: "0042",
    ServiceRole: "true",
    Artifacts: { Type: "NO_ARTIFACTS" },
    Source: { Type: "NO_SOURCE", GitCloneDepth: 1 },
    Environment: {
      ...{ Type: "L", Image: "i", ComputeType: "c", PrivilegedMode: true },
      EnvironmentVariables: [{ Name: "A", Value: "1.50" }],
    },
  });
});

test("a policy may be given as text, and keeps its own kinds of values as JSON", async () => {
  const { resources } = await prepareText(`Resources:
  A: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: '{"Version": "2012-10-17"}'}}
  B: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {Version: 2012-10-17, X: [true, 1, "1"]}}}
`);
  assert.deepEqual(
    resources.map(({ checked }) => checked.AssumeRolePolicyDocument),
    [{ Version: "2012-10-17" }, { Version: "2012-10-17", X: [true, 1, "1"] }],
  );
});
