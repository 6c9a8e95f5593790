import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../../test/fixtures/prepare-text.ts";
import { parseTemplate } from "./parse-template.ts";
import { toPlain } from "./template-node.ts";

const parse = async (text: string) => parseTemplate(text, "t.yml");
const bucket = "Resources: {R: {Type: AWS::S3::Bucket}}";

test("short tags, long forms and JSON are the same template", () => {
  const yaml = "{A: !GetAtt X.Y.Z, B: !If [C, !Ref D, {'Fn::Sub': e}]}";
  const json = '{"A": {"Fn::GetAtt": "X.Y.Z"}, "B": {\n\t"Fn::If": ["C", {"Ref": "D"}, {"Fn::Sub": "e"}]}}';
  assert.deepEqual(
    toPlain(parseTemplate(`Resources: {R: {Type: T, Properties: ${yaml}}}`).root),
    toPlain(parseTemplate(`{"Resources": {"R": {"Type": "T", "Properties": ${json}}}}`).root),
  );
});

test("of a key that is given twice the last counts, as on AWS", () => {
  const resource = parseTemplate("Resources: {R: {Type: A, DependsOn: X, DependsOn: Y, Type: B}}").resources.get("R");
  assert.equal(resource?.type, "B");
  assert.deepEqual(
    resource?.dependsOn.map(({ logicalId }) => logicalId),
    ["Y"],
  );
});

test("a resource may have a description, and metadata may hold anything", () => {
  const resource = "{Type: T, Description: d, Metadata: {a: {Ref: Nope}}, UpdateReplacePolicy: Retain}";
  assert.equal(parseTemplate(`Metadata: {x: !Unknown y}\nResources:\n  R: ${resource}`).resources.size, 1);
});

const structure = "TEMPLATE_STRUCTURE";
const format = "Template format error:";
const rows: [text: string, ...problems: string[]][] = [
  ["a: [1", `TEMPLATE_SYNTAX 1:6 ${format} YAML not well-formed. (line 1, column 6)`],
  ["Resources:\n  A: b\n c: d", `TEMPLATE_SYNTAX 3:1 ${format} YAML not well-formed. (line 3, column 1)`],
  ['{"Resources": {"A": }}', `TEMPLATE_SYNTAX 1:21 ${format} JSON not well-formed. (line 1, column 21)`],
  ['{"Resources": "secret" "x"}', `TEMPLATE_SYNTAX 1:24 ${format} JSON not well-formed. (line 1, column 24)`],
  ["- a", `TEMPLATE_SYNTAX 1:1 ${format} unsupported structure.`],
  ["", `TEMPLATE_SYNTAX 1:1 ${format} unsupported structure.`],
  ["Description: x", `${structure} 1:1 ${format} At least one Resources member must be defined.`],
  ["Resources:", `${structure} 1:11 ${format} At least one Resources member must be defined.`],
  [`Resouces: {}\n${bucket}`, `${structure} 1:1 Invalid template property or properties [Resouces]`],
  [
    `AWSTemplateFormatVersion: 2010-09-10\n${bucket}`,
    `${structure} 1:27 ${format} unsupported value for AWSTemplateFormatVersion.`,
  ],
  [`Transform: A::B\n${bucket}`, "TEMPLATE_UNSUPPORTED 1:1 Transform A::B is not supported by chubo"],
  ["Resources: {A-b: {Type: T}}", `${structure} 1:13 ${format} Resource name A-b is non alphanumeric.`],
  ["Resources: {A: b}", `${structure} 1:13 ${format} Any Resources member must be an object.`],
  [
    "Resources: {A: {}}",
    `${structure} 1:13 ${format} [/Resources/A] Every Resources object must contain a Type member.`,
  ],
  ["Resources: {A: {Type: T, Propertys: {}}}", `${structure} 1:26 Invalid template resource property 'Propertys'`],
  [
    "Resources: {A: {Type: T, DeletionPolicy: Keep}}",
    `${structure} 1:42 ${format} Unrecognized DeletionPolicy Keep for resource A`,
  ],
  [
    "Resources: {'Fn::ForEach::X': [a, b, {}]}",
    "TEMPLATE_UNSUPPORTED 1:13 Fn::ForEach::X in the Resources section is not supported by chubo",
  ],
  [
    `${bucket}\nOutputs: {O: {Description: d}}`,
    `${structure} 2:11 ${format} Every Outputs member must contain a Value object`,
  ],
  [
    `${bucket}\nOutputs: {O: {Value: }}`,
    `${structure} 2:22 [/Outputs/O/Value] 'null' values are not allowed in templates`,
  ],
  [`Parameters: {P: {Type: Strin}}\n${bucket}`, `${structure} 1:24 ${format} Unrecognized parameter type: Strin`],
  [
    `Parameters: {P: {Type: String, AllowedPattern: "("}}\n${bucket}`,
    `${structure} 1:48 ${format} AllowedPattern of parameter P is not a regular expression: (`,
  ],
  [
    `Parameters: {P: {Type: String, AllowedPattern: '\\p{Alpha}+'}}\n${bucket}`,
    "TEMPLATE_UNSUPPORTED 1:48 AllowedPattern of parameter P is of Java's own kind",
  ],
  [`Mappings: {M: {a: b}}\n${bucket}`, `${structure} 1:16 ${format} Every Mappings member a must be a map`],
  [
    `Mappings: {M: {a: {b: {c: d}}}}\n${bucket}`,
    `${structure} 1:23 ${format} Every Mappings attribute must be a String or a List.`,
  ],
  [
    `Metadata: &a x\nOutputs: {O: {Value: *a}}\n${bucket}`,
    `TEMPLATE_SYNTAX 2:22 ${format} YAML aliases are not allowed in CloudFormation templates`,
  ],
  [
    "Resources: {A: {}, B: c}",
    `${structure} 1:20 ${format} Any Resources member must be an object.`,
    `${structure} 1:13 ${format} [/Resources/A] Every Resources object must contain a Type member.`,
  ],
];
for (const [text, ...expected] of rows) {
  test(`${JSON.stringify(text)} is refused at its place`, async () => {
    const problems = await problemsOf(parse(text));
    assert.deepEqual(
      problems.map((problem, index) => problem.slice(0, expected[index]?.length)),
      expected,
    );
    assert.doesNotMatch(problems.join(""), /secret/);
  });
}
