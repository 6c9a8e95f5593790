import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateProject$, CreateReportGroup$, ImportSourceCredentials$ } from "@aws-sdk/client-codebuild";
import { RegisterTaskDefinition$ } from "@aws-sdk/client-ecs";
import { NormalizedSchema } from "@smithy/core/schema";
import { type PropertyType, resourceTypeCatalogue, type Structure } from "../../template/resource-type.ts";
import { apiName, toApiShape } from "./api-shape.ts";

const catalogue = resourceTypeCatalogue();

/** Paths of properties whose API name is no member of the operation's input. */
function unknownNames(structure: Structure, schema: NormalizedSchema, path = "", seen = new Set<string>()): string[] {
  return Object.entries(structure).flatMap(([name, { type }]) => {
    const member = apiName(name);
    if (!schema.getMemberSchemas()[member]) return [`${path}/${name}`];
    return unknownInside(type, schema.getMemberSchema(member), `${path}/${name}`, seen);
  });
}

function unknownInside(type: PropertyType, schema: NormalizedSchema, path: string, seen: Set<string>): string[] {
  if (type.kind === "list") return unknownInside(type.element, schema.getValueSchema(), path, seen);
  if (type.kind !== "structure" || seen.has(type.name)) return [];
  return unknownNames(catalogue.getStructure(type.name), schema, path, new Set([...seen, type.name]));
}

const rows = [
  {
    type: "AWS::CodeBuild::Project",
    operation: CreateProject$,
    // Not of CreateProject: refused, or the provider's own affair.
    others: ["/ResourceAccessRole", "/Triggers", "/Visibility"],
  },
  { type: "AWS::CodeBuild::ReportGroup", operation: CreateReportGroup$, others: ["/DeleteReports"] },
  { type: "AWS::CodeBuild::SourceCredential", operation: ImportSourceCredentials$, others: [] },
  { type: "AWS::ECS::TaskDefinition", operation: RegisterTaskDefinition$, others: [] },
];
for (const { type, operation, others } of rows) {
  test(`every property of ${type} has the name of a member of the API's input`, () => {
    const structure = catalogue.findType(type)?.properties as Structure;
    assert.deepEqual(unknownNames(structure, NormalizedSchema.of(operation[4])).sort(), others);
  });
}

test("keys of a map are their author's and stay as they are", () => {
  const ContainerDefinitions = [
    {
      Name: "web",
      DockerLabels: { "Com.Example": "Yes" },
      LogConfiguration: { LogDriver: "awslogs", Options: { "Awslogs-Group": "G" } },
    },
  ];
  const Tags = [{ Key: "Team", Value: "A" }];
  assert.deepEqual(toApiShape("AWS::ECS::TaskDefinition", { ContainerDefinitions, Tags }), {
    containerDefinitions: [
      {
        name: "web",
        dockerLabels: { "Com.Example": "Yes" },
        logConfiguration: { logDriver: "awslogs", options: { "Awslogs-Group": "G" } },
      },
    ],
    tags: [{ key: "Team", value: "A" }],
  });
});
