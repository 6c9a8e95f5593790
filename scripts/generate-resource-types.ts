// Cuts src/template/resource-types.generated.json out of @aws-cdk/aws-service-spec: for each resource type that has a
// provider, what its properties are, and what Ref and Fn::GetAtt return. Run after a change of the list below:
//
//     node_modules/.bin/node scripts/generate-resource-types.ts
//
// The data is Amazon's, under the Apache License 2.0: https://github.com/cdklabs/awscdk-service-spec (LICENSE, NOTICE).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";

/** Has one entry for each provider of src/server/resource-providers/. */
const types = [
  "AWS::CodeBuild::Project",
  "AWS::ECR::PullThroughCacheRule",
  "AWS::CodeBuild::ReportGroup",
  "AWS::CodeBuild::SourceCredential",
  "AWS::ECR::Repository",
  "AWS::ECS::TaskDefinition",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::Logs::LogGroup",
  "AWS::S3::Bucket",
  "AWS::SSM::Parameter",
  "AWS::SecretsManager::Secret",
];

const database = loadAwsServiceSpecSync();

type Resource = ReturnType<typeof getResource>;
type Property = Resource["properties"][string];
type PropertyType = Property["type"];

function getResource(type: string) {
  const [resource] = database.lookup("resource", "cloudFormationType", "equals", type);
  if (resource === undefined) throw new Error(`${type} is not in the specification`);
  return resource;
}

/** `!` required; `[]T` list; `{}T` map; `#NAME` one of the structures; `T|U` either. */
function formatType(type: PropertyType, resource: string): string {
  switch (type.type) {
    case "array":
      return `[]${formatType(type.element, resource)}`;
    case "map":
      return `{}${formatType(type.element, resource)}`;
    case "ref":
      return `#${resource}.${database.get("typeDefinition", type.reference.$ref).name}`;
    case "union":
      return type.types.map((alternative) => formatType(alternative, resource)).join("|");
    default:
      return type.type;
  }
}

function formatProperties(properties: Record<string, Property>, resource: string) {
  const names = Object.keys(properties).sort();
  return Object.fromEntries(
    names.map((name) => {
      const property = properties[name] as Property;
      return [name, (property.required ? "!" : "") + formatType(property.type, resource)];
    }),
  );
}

const resources: Record<string, unknown> = {};
const structures: Record<string, unknown> = {};
for (const type of types) {
  const resource = getResource(type);
  resources[type] = {
    ref: (resource.cfnRefIdentifier ?? resource.primaryIdentifier ?? []).join("|"),
    attributes: Object.keys(resource.attributes).sort(),
    properties: formatProperties(resource.properties, type),
  };
  const used = [...database.follow("usesType", resource)].map(({ entity }) => entity);
  for (const entity of used.sort((a, b) => a.name.localeCompare(b.name))) {
    structures[`${type}.${entity.name}`] = formatProperties(entity.properties, type);
  }
}

const file = join(import.meta.dirname, "..", "src", "template", "resource-types.generated.json");
const source = "@aws-cdk/aws-service-spec 0.1.216, Apache-2.0";
writeFileSync(file, `${JSON.stringify({ source, resources, structures }, null, 1)}\n`);
