// What is wrong with a user's files or options is told with its place and what to do, and nothing is made.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "../run-chubo.ts";
import { type Files, runIn, soundTemplate } from "./bad-input.ts";

interface Case {
  title: string;
  /** Instead of the sound template, as template.yml. */
  template?: string | Uint8Array;
  files?: Files;
  words?: string[];
  /** All of stderr; DIR stands for the directory of the run. */
  says: string[];
}

const run = ["run", "template.yml", "--source", "app"];

function broken(from: string, to: string): string {
  assert.ok(soundTemplate.includes(from), from);
  return soundTemplate.replace(from, to);
}

const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
for (let level = 1; level < 12; level++) {
  bomb.push(
    `a${level}: &a${level} [${Array(9)
      .fill(`*a${level - 1}`)
      .join(", ")}]`,
  );
}
const alias = "error Template format error: YAML aliases are not allowed in CloudFormation templates [TEMPLATE_SYNTAX]";

const templates: Case[] = [
  {
    title: "text that is no mapping",
    template: "just some text\n",
    says: [
      "error Template format error: unsupported structure. [TEMPLATE_SYNTAX]",
      "  at template.yml:1:1",
      "  hint a template is a map with Resources",
    ],
  },
  {
    title: "broken YAML",
    template: "Resources: [a\nB: c\n",
    says: [
      "error Template format error: YAML not well-formed. (line 2, column 1) [TEMPLATE_SYNTAX]",
      "  at template.yml:2:1",
      "  hint Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  },
  {
    title: "tabs",
    template: "Resources:\n\tA:\n\t\tType: AWS::S3::Bucket\n",
    says: [
      "error Template format error: YAML not well-formed. (line 2, column 1) [TEMPLATE_SYNTAX]",
      "  at template.yml:2:1",
      "  hint Tabs are not allowed as indentation",
    ],
  },
  {
    title: "bytes that are no text",
    template: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x00, 0xff, 0xfe, 0x80]),
    says: [
      "error the template is no text in UTF-8: template.yml [CONFIG_TEMPLATE]",
      "  hint give a CloudFormation template in YAML or JSON",
    ],
  },
  {
    title: "20 MB of text",
    template: `Resources:\n${"  Bucket: { Type: AWS::S3::Bucket }\n".repeat(555_555)}`,
    says: [
      "error the template has 19999991 bytes, and CloudFormation takes 1000000 at the most: template.yml [CONFIG_TEMPLATE]",
      "  hint split it into several; they are made in the order given",
    ],
  },
  {
    title: "aliases that would unfold to 9¹² values",
    template: `${bomb.join("\n")}\nResources: *a11\n`,
    says: [
      ...Array.from({ length: 20 }, (_, index) => [
        alias,
        `  at template.yml:${2 + Math.floor(index / 9)}:${10 + 5 * (index % 9)}`,
        "  hint write the value out in both places",
      ]).flat(),
      "… and 80 more like these",
    ],
  },
  {
    title: "a circle of references",
    template:
      "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    DependsOn: B\n  B:\n    Type: AWS::S3::Bucket\n    DependsOn: A\n",
    says: [
      "error Circular dependency between resources: [A, B] [TEMPLATE_CYCLE]",
      "  at template.yml:4:16",
      "  hint A refers here to what refers back to it; take one of the references out",
    ],
  },
  {
    title: "a reference to what is not there",
    template: broken("!GetAtt Role.Arn", "!Ref Rolle"),
    says: [
      "error Template format error: Unresolved resource dependencies [Rolle] in the Resources block of the template [TEMPLATE_REFERENCE]",
      "  at template.yml:17:25",
      '  hint did you mean "Role"?',
    ],
  },
  {
    title: "an unknown property",
    template: broken("      Source: {", "      Sourse: 1\n      Source: {"),
    says: [
      "error Property validation failure: [Encountered unsupported properties in {/}: [Sourse]] [TEMPLATE_PROPERTY]",
      "  at template.yml:20:7",
      '  hint did you mean "Source"?',
    ],
  },
  {
    title: "an unknown resource type",
    template: broken("AWS::CodeBuild::Project", "AWS::CodeBuild::Projekt"),
    says: [
      "error Template format error: Unrecognized resource types: [AWS::CodeBuild::Projekt] [TEMPLATE_RESOURCE_TYPE]",
      "  at template.yml:14:11",
      '  hint did you mean "AWS::CodeBuild::Project"?',
    ],
  },
  {
    title: "blanks for its user to fill in",
    template: broken("${" + "Prefix}-build", "《プロジェクト名》").replace("demo", "《接頭辞》"),
    says: [
      "error a blank is left in the template: 《プロジェクト名》 [TEMPLATE_BLANK_LEFT]",
      "  at template.yml:16:18",
      "  hint replace 《プロジェクト名》 by your own value",
      "error a blank is left in the template: the Default of parameter Prefix [TEMPLATE_BLANK_LEFT]",
      "  at template.yml:2:3",
      "  hint give Prefix a value: --parameter Prefix=…",
    ],
  },
];

const parameters: Case[] = [
  {
    title: "a parameter that no template has",
    words: [...run, "--parameter", "Prefx=a"],
    says: [
      "error Parameters: [Prefx] do not exist in the template [TEMPLATE_PARAMETER_UNKNOWN]",
      '  hint did you mean "Prefix"?',
    ],
  },
  ...["{ Type: String }", "{ Type: String, NoEcho: true }"].map((declaration) => ({
    title: `a parameter ${declaration} without a value, and nobody to ask`,
    template: broken("{ Type: String, Default: demo }", declaration),
    says: [
      "error Parameters: [Prefix] must have values [TEMPLATE_PARAMETER_MISSING]",
      "  at template.yml:2:3",
      "  hint give Prefix a value: --parameter Prefix=…",
    ],
  })),
  {
    title: "a --parameter without a value",
    words: [...run, "--parameter", "hunter2"],
    says: [
      'error --parameter takes NAME=VALUE; there is no "=" in the one given [CONFIG_PARAMETER]',
      "  hint for example --parameter PJPrefix=demo",
    ],
  },
  ...[
    { content: '{"Prefix": "hunter2"', message: "is not well-formed JSON" },
    { content: '["hunter2"]', message: "has neither of the known forms" },
    { content: undefined, message: "does not exist" },
  ].map(({ content, message }) => ({
    title: `a parameters file that ${message}`,
    words: [...run, "--parameters-file", "parameters.json"],
    files: content === undefined ? {} : { "parameters.json": content },
    says: [
      `error the parameters file ${message} [CONFIG_PARAMETERS_FILE]`,
      "  at DIR/parameters.json",
      '  hint [{"ParameterKey": "PJPrefix", "ParameterValue": "demo"}] or {"PJPrefix": "demo"}',
    ],
  })),
];

const repositoryHint = "  hint give the repository with --source DIR";
const option = (...words: string[]) => [...run, ...words];

const options: Case[] = [
  {
    title: "no template",
    words: ["run"],
    says: ["error no template given [CONFIG_TEMPLATE]", "  hint chubo run TEMPLATE --source DIR"],
  },
  {
    title: "a template that does not exist",
    words: ["run", "tempalte.yml"],
    says: [
      "error the template does not exist: tempalte.yml [CONFIG_TEMPLATE]",
      "  hint check the path; it is taken from the current directory",
    ],
  },
  {
    title: "a directory as template",
    words: ["run", "app"],
    says: ["error the template is a directory: app [CONFIG_TEMPLATE]", "  hint give the file in it"],
  },
  {
    title: "a source directory that does not exist",
    words: ["run", "template.yml", "--source", "ap"],
    says: ["error the source directory does not exist: DIR/ap [CONFIG_SOURCE]", repositoryHint],
  },
  {
    title: "a file as source directory",
    words: ["run", "template.yml", "--source", "template.yml"],
    says: ["error the source is not a directory: DIR/template.yml [CONFIG_SOURCE]", repositoryHint],
  },
  {
    title: "an empty source directory",
    files: { "empty/.git/HEAD": "" },
    words: ["run", "template.yml", "--source", "empty"],
    says: ["error the source directory is empty: DIR/empty [CONFIG_SOURCE]", repositoryHint],
  },
  {
    title: "a state directory that is a file",
    words: option("--state", "app/a.txt"),
    says: [
      "error the state directory cannot be written: DIR/app/a.txt [CONFIG_STATE]",
      "  hint choose another one with --state DIR",
    ],
  },
  {
    title: "a state directory where the kernel makes none",
    words: option("--state", "/proc/chubo/state"),
    says: [
      "error the state directory cannot be written: /proc/chubo/state [CONFIG_STATE]",
      "  hint choose another one with --state DIR",
    ],
  },
  {
    title: "a Docker Hub account without a tier, whose password is not shown",
    words: option("--hub-account", "alice:hunter2"),
    says: [
      "error --hub-account takes USER:PASSWORD:TIER [CONFIG_HUB_ACCOUNT]",
      "  hint TIER is one of personal, pro, team, business, as in --hub-account alice:correct-horse:personal",
    ],
  },
  {
    title: "an account ID of other than 12 digits",
    words: option("--account", "123"),
    says: [
      "error --account takes an AWS account ID of 12 digits: 123 [CONFIG_ACCOUNT]",
      "  hint for example 123456789012",
    ],
  },
  {
    title: "a region that is none",
    words: option("--region", "tokyo"),
    says: [
      "error --region is no name of an AWS region: tokyo [CONFIG_REGION]",
      "  hint for example ap-northeast-1 or us-east-1",
    ],
  },
  {
    title: "a number that is none",
    words: option("--hub-remaining", "many"),
    says: [
      "error --hub-remaining takes a whole number from 0 to 1000000: many [CONFIG_NUMBER]",
      "  hint for example --hub-remaining 0",
    ],
  },
  {
    title: "a pipeline",
    words: option("--pipeline", "demo"),
    says: [
      "error there is no pipeline demo: Chubo does not run AWS::CodePipeline::Pipeline yet (see docs/deviations.md) [CONFIG_PIPELINE]",
      "  hint run its CodeBuild project with --project NAME",
    ],
  },
  {
    title: "a project that there is not",
    words: option("--project", "demo", "--json"),
    says: [
      "Stack template template.yml",
      "  ✓ Role AWS::IAM::Role",
      "  ✓ Project AWS::CodeBuild::Project",
      "error there is no CodeBuild project demo [CONFIG_PROJECT]",
      "  hint the templates have demo-build",
    ],
  },
  {
    title: "an unknown option",
    words: option("--sauce", "app"),
    says: ["error unknown option '--sauce'", "(Did you mean --source?)", "  hint chubo run --help shows the options"],
  },
  {
    title: "an unknown command",
    words: ["rnu", "template.yml"],
    says: ["error unknown command 'rnu'", "(Did you mean run?)", "  hint chubo --help shows the commands"],
  },
];

for (const { title, template = soundTemplate, files = {}, words = run, says } of [
  ...templates.map((entry) => ({ ...entry, title: `a template with ${entry.title}` })),
  ...parameters,
  ...options,
]) {
  test(`${title} is refused with status 2`, async (t) => {
    const input = { "template.yml": template, "app/a.txt": "a", ...files };
    const { status, stdout, stderr, directory } = await runIn(t, input, words);
    assert.deepEqual(stderr.replaceAll(directory, "DIR").trimEnd().split("\n"), says);
    assert.equal(stdout, "");
    assert.equal(status, 2);
  });
}

const article = join(repository, "..", "shared", "inputs", "article-template.raw.yml");

test("the published article's template as printed is refused with each of its blanks", {
  skip: existsSync(article) ? false : "the article's template is not beside the repository",
}, async (t) => {
  const text = readFileSync(article, "utf8");
  const words = [...run, "--parameter", "DockerHubUserName=alice", "--parameter", "DockerHubPassword=hunter2"];
  const outcome = await runIn(t, { "template.yml": text, "app/a.txt": "a" }, [
    ...words,
    "--parameter",
    "PJPrefix=demo",
  ]);
  assert.equal(outcome.status, 2, outcome.stderr);
  const places = text.split("\n").flatMap((line, index) => {
    return [...line.matchAll(/《/g)].map((match) => `  at template.yml:${index + 1}:${match.index + 1}`);
  });
  assert.ok(places.length > 0);
  assert.deepEqual(outcome.stderr.match(/^ {2}at .*$/gm), places);
  assert.equal(outcome.stderr.match(/\[TEMPLATE_BLANK_LEFT\]$/gm)?.length, places.length);
});
