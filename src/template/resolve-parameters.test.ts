import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../../test/fixtures/prepare-text.ts";
import { parseTemplate } from "./parse-template.ts";
import { missingParameters, resolveParameters, type StoredParameterSource } from "./resolve-parameters.ts";

function parametersOf(declarations: string) {
  return parseTemplate(`Parameters:\n  ${declarations}\nResources: {R: {Type: T}}`, "t.yml");
}

async function resolve(declarations: string, given: Record<string, string>, findStored?: StoredParameterSource) {
  return Object.fromEntries(await resolveParameters(parametersOf(declarations), given, findStored));
}

test("given values, defaults and lists become values", async () => {
  const declarations = `A: {Type: String}
  B: {Type: Number, Default: 010}
  C: {Type: CommaDelimitedList, Default: "x, y"}
  D: {Type: List<Number>, Default: "1,2"}
  E: {Type: "AWS::EC2::VPC::Id", Default: vpc-1}
  F: {Type: "List<AWS::EC2::Subnet::Id>", Default: "a,b"}`;
  const values = { A: "", B: "010", C: ["x", "y"], D: ["1", "2"], E: "vpc-1", F: ["a", "b"] };
  assert.deepEqual(await resolve(declarations, { A: "" }), values);
});

test("a value from Parameter Store is read by its name, and refused where there is no store", async () => {
  const declarations = `P: {Type: "AWS::SSM::Parameter::Value<List<String>>", Default: /names}`;
  const stored: Record<string, string> = { "/names": "a,b" };
  assert.deepEqual(await resolve(declarations, {}, async (name) => stored[name]), { P: ["a", "b"] });
  assert.match((await problemsOf(resolve(declarations, {})))[0] ?? "", /^TEMPLATE_UNSUPPORTED 2:3/);
  const missing = resolve(declarations, { P: "/x" }, async (name) => stored[name]);
  assert.match((await problemsOf(missing))[0] ?? "", /Unable to fetch parameters \[\/x\] from parameter store/);
});

const rows: [declaration: string, given: string, problem: string][] = [
  ["{Type: Number}", "x", "Parameter 'P' must be a number."],
  ["{Type: List<Number>}", "1,x", "Parameter 'P' must be a list of numbers."],
  ["{Type: Number, MinValue: 2}", "1", "Parameter 'P' must be a number not less than 2"],
  ["{Type: Number, MaxValue: 2}", "3", "Parameter 'P' must be a number not greater than 2"],
  ["{Type: String, MinLength: 2}", "1", "Parameter 'P' must contain at least 2 characters"],
  ["{Type: String, MaxLength: 2}", "123", "Parameter 'P' must contain at most 2 characters"],
  ["{Type: String, AllowedValues: [a, b]}", "c", "Parameter 'P' must be one of AllowedValues: a, b"],
  ["{Type: String, AllowedPattern: '[a-z]+'}", "ab1", "Parameter 'P' must match pattern [a-z]+"],
  [
    "{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: small letters}",
    "ab1",
    "Parameter P failed to satisfy constraint: small letters (Parameter 'P' must match pattern [a-z]+)",
  ],
];
for (const [declaration, given, problem] of rows) {
  test(`${declaration} refuses ${given}`, async () => {
    const problems = await problemsOf(resolve(`P: ${declaration}`, { P: given }));
    assert.deepEqual(problems, [`TEMPLATE_PARAMETER 2:3 ${problem}`]);
  });
}

test("a pattern must match the whole value, and a doubled backslash begins no class", async () => {
  const declaration = String.raw`P: {Type: String, AllowedPattern: 'C:\\p+'}`;
  assert.deepEqual(await resolve(declaration, { P: String.raw`C:\pp` }), { P: String.raw`C:\pp` });
});

test("a default must satisfy its own constraints", async () => {
  assert.equal((await problemsOf(resolve("P: {Type: String, Default: a, MinLength: 2}", {}))).length, 1);
});

test("missing and unknown parameters are told at once, with a hint", async () => {
  const work = resolve("Prefix: {Type: String}\n  B: {Type: String}", { Prefxi: "a" });
  await assert.rejects(work, (error: { problems: { message: string; hint: string; code: string }[] }) => {
    assert.deepEqual(
      error.problems.map(({ code, message, hint }) => [code, message, hint]),
      [
        ["TEMPLATE_PARAMETER_UNKNOWN", "Parameters: [Prefxi] do not exist in the template", 'did you mean "Prefix"?'],
        [
          "TEMPLATE_PARAMETER_MISSING",
          "Parameters: [Prefix, B] must have values",
          "give Prefix a value: --parameter Prefix=…",
        ],
      ],
    );
    return true;
  });
});

test("what a prompt has to ask for is known before", () => {
  const template = parametersOf('A: {Type: String, NoEcho: "true", Description: d}\n  B: {Type: String, Default: x}');
  const [missing, ...rest] = missingParameters(template, {});
  assert.deepEqual([missing?.name, missing?.noEcho, missing?.description, rest], ["A", true, "d", []]);
});
