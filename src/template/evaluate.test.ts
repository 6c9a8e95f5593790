import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateText, prepareText, problemsOf } from "../../test/fixtures/prepare-text.ts";

const sections = `
Parameters:
  Name: {Type: String, Default: web}
  List: {Type: CommaDelimitedList, Default: "a, b ,c"}
  Account: {Type: String, Default: 0123}
Mappings:
  Sizes: {small: {cpu: 256, zones: [x, y]}}
Conditions:
  IsWeb: !Equals [!Ref Name, web]
  IsOther: !And [!Condition IsWeb, !Not [!Equals [a, a]]]
`;

const values: [expression: string, value: string | undefined][] = [
  ["!Ref Name", "web"],
  ["{Ref: Name}", "web"],
  ["!Ref AWS::AccountId", "111122223333"],
  ["!Ref Account", "0123"],
  ["012", "012"],
  ["1.0", "1.0"],
  ["2012-10-17", "2012-10-17"],
  [`!Sub \${Name}-\${AWS::Region}`, "web-eu-west-1"],
  [`!Sub "\${!Name} $Name $\${Name}"`, `\${Name} $Name $web`],
  [`!Sub ['\${Name}-\${X}', {X: !Ref AWS::Region, Name: own}]`, "own-eu-west-1"],
  ['!Sub "10"', "10"],
  ["!Join ['-', [a, !Ref Name, 1]]", "a-web-1"],
  ["!Join ['', !Ref List]", "abc"],
  ["!Select [1, !Ref List]", "b"],
  ["!Select ['2', !Split ['|', 'a|b|c']]", "c"],
  ["!FindInMap [Sizes, small, cpu]", "256"],
  ["!Select [1, !FindInMap [Sizes, !Sub small, zones]]", "y"],
  ["{'Fn::Base64': !Ref Name}", "d2Vi"],
  ["!Select [0, !GetAZs '']", "eu-west-1a"],
  ["!Select [2, 'Fn::GetAZs': us-east-1]", "us-east-1c"],
  ["!If [IsWeb, yes-it-is, no]", "yes-it-is"],
  ["!If [IsOther, other, !Ref AWS::NoValue]", undefined],
  ["!Join [',', [a, !Ref 'AWS::NoValue', b]]", "a,b"],
];
for (const [expression, value] of values) {
  test(`${expression} is ${value}`, async () => {
    assert.equal(await evaluateText(expression, sections), value);
  });
}

const failures: [expression: string, problem: RegExp][] = [
  ["!Join [a]", /^TEMPLATE_FUNCTION 16:\d+ Template error: every Fn::Join object requires two parameters/],
  ["!Join [',', !Ref Name]", /every Fn::Join object requires two parameters/],
  ["!Select [3, !Ref List]", /16:28 .*Fn::Select cannot select nonexistent value at index 3 \(the list has 3 items/],
  ["!Select [x, !Ref List]", /Fn::Select requires a list argument with two elements: an integer index and a list/],
  ["!Split ['', a]", /every Fn::Split object requires two parameters/],
  ["!FindInMap [Sizes, small, ram]", /Template error: Unable to get mapping for Sizes::small::ram/],
  ["!Sub {a: b}", /One or more Fn::Sub intrinsic functions don't specify expected arguments/],
  [`!Sub "a-\${b c}"`, /TEMPLATE_FUNCTION 16:27 .*variable names in Fn::Sub syntax must contain only alphanumeric/],
  [`!Sub "\${List}"`, /Fn::Sub expression does not resolve to a string: \$\{List\}/],
  [`!Sub 'a-\${Nmae}'`, /^TEMPLATE_REFERENCE 16:27 .*Unresolved .* \[Nmae\] .*\(did you mean "Name"\?\)/],
  ["!GetAtt R", /if specifying one argument to Fn::GetAtt, that argument must be a non-empty string/],
  ["!GetAtt [R]", /every Fn::GetAtt object requires two non-empty parameters/],
  ["!GetAtt Nope.Arn", /instance of Fn::GetAtt references undefined resource Nope/],
  ["!If [Nope, a, b]", /unresolved condition dependency Nope in Fn::If/],
  ["!If [IsWeb, a]", /Fn::If requires a list argument with three elements/],
  ["!Cidr [a, 1, 2]", /^TEMPLATE_UNSUPPORTED 16:\d+ Fn::Cidr is not supported by chubo here/],
  ["!ImportValue none", /No export named none found/],
];
for (const [expression, problem] of failures) {
  test(`${expression} is refused`, async () => {
    const [first = ""] = await problemsOf(evaluateText(expression, sections));
    assert.match(first, problem);
  });
}

test("a reference to a resource is unknown before its creation, and makes what holds it unknown", async () => {
  const { resources } = await prepareText(`
Resources:
  A: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Sub "x-\${B}"}}
  B: {Type: "AWS::S3::Bucket"}
`);
  assert.deepEqual(
    resources.map(({ declaration, dependencies, checked }) => [declaration.logicalId, dependencies, checked]),
    [
      ["B", [], {}],
      ["A", ["B"], { BucketName: "{{changeSet:KNOWN_AFTER_APPLY}}" }],
    ],
  );
});

test("a resource whose condition does not hold is not there, and what refers to it is told so", async () => {
  const text = (name: string) => `
Conditions: {Never: !Equals [a, b]}
Resources:
  A: {Type: "AWS::S3::Bucket", Condition: Never}
  B: {Type: "AWS::S3::Bucket", DependsOn: A, Properties: {BucketName: ${name}}}
`;
  const { resources } = await prepareText(text("!If [Never, !Ref A, x]"));
  assert.deepEqual(
    resources.map(({ declaration }) => declaration.logicalId),
    ["B"],
  );
  const [problem = "", ...rest] = await problemsOf(prepareText(text("!Ref A")));
  assert.match(problem, /^TEMPLATE_REFERENCE 5:76 .*Unresolved resource dependencies \[A\] in the Resources block/);
  assert.deepEqual(rest, []);
});

test("conditions that need each other are told as a circle", async () => {
  const problems = await problemsOf(
    prepareText(`
Conditions:
  A: !Not [!Condition B]
  B: !Not [!Condition A]
Resources:
  R: {Type: "AWS::S3::Bucket", Condition: A}
`),
  );
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /TEMPLATE_CYCLE 4:\d+ .*circular condition dependency between A and B and A/);
});

test("a rule's assertion that does not hold is refused with its description", async () => {
  const text = `
Parameters: {Stage: {Type: String}}
Rules:
  Known:
    Assertions:
      - Assert: !Not [{"Fn::Contains": [[a, b], !Ref Stage]}]
        AssertDescription: a and b are old
Resources: {R: {Type: "AWS::S3::Bucket"}}
`;
  assert.deepEqual(await problemsOf(prepareText(text, { Stage: "c" })), []);
  assert.deepEqual(await problemsOf(prepareText(text, { Stage: "a" })), [
    "TEMPLATE_RULE 6:9 Template error: rule Known failed: a and b are old",
  ]);
});
