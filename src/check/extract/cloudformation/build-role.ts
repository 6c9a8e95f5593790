import type { Node } from "yaml";
import type { BuildRole, RolePlaces, RoleStatement } from "../../build-job.ts";
import { collectionPlaceOf, listPlaceOf } from "./collection-place.ts";
import { evaluateTexts, type TextValue } from "./evaluate-text.ts";
import { type PolicyReading, readPolicyDocument, statementOf } from "./policy-statements.ts";
import type { TemplateDocument, TemplateResource } from "./template-document.ts";

/** The role that a property leads to, where the template makes it. */
export function findRole(template: TemplateDocument, reference: Node | undefined): BuildRole | undefined {
  const references = evaluateTexts(template, reference);
  const roles = references.map((value) => findRoleResource(template, value));
  const role = roles.find((resource) => resource !== undefined);
  if (role === undefined) return undefined;
  const reading = readRole(template, role);
  // In another branch of `Fn::If` it is another role.
  return { ...reading, hasUnknownPolicies: reading.hasUnknownPolicies || references.length > 1 };
}

function findRoleResource(template: TemplateDocument, { text: { text } }: TextValue): TemplateResource | undefined {
  const roles = template.resources.filter(({ type }) => type === "AWS::IAM::Role");
  const [, logicalId] = /^(?:arn:.*:role\/(?:.*\/)?)?\$\{(\w+)(?:\.Arn)?\}$/.exec(text) ?? [];
  if (logicalId !== undefined) return roles.find((role) => role.logicalId === logicalId);
  const [, name] = /^arn:.*:role\/(?:.*\/)?([^/]+)$/.exec(text) ?? [];
  return roles.find(({ properties }) => name !== undefined && textOf(template, properties, "RoleName") === name);
}

function textOf(template: TemplateDocument, node: Node | undefined, key: string): string | undefined {
  return evaluateTexts(template, template.yaml.find(node, key))[0]?.text.text;
}

function readRole(template: TemplateDocument, role: TemplateResource): BuildRole {
  const policies = template.findAll(role.properties, "Policies[]");
  const documents = [
    ...policies.map((policy) => template.yaml.find(policy, "PolicyDocument")),
    ...findAttachedPolicies(template, role).map(({ properties }) => template.yaml.find(properties, "PolicyDocument")),
  ];
  const readings = [
    ...documents.map((document) => readPolicyDocument(template, document)),
    ...template.findAll(role.properties, "ManagedPolicyArns[]").map((node) => readManagedPolicy(template, node)),
  ];
  const hasBoundary = template.yaml.find(role.properties, "PermissionsBoundary") !== undefined;
  // CDK may import a policy list by a function; what it holds is not said here.
  const isOpen = ["Policies", "ManagedPolicyArns"].some((key) => isUnreadable(template, role, key));
  return {
    logicalId: role.logicalId,
    range: role.range,
    statements: readings.flatMap(({ statements }) => statements),
    hasUnknownPolicies: hasBoundary || isOpen || readings.some(({ isPartial }) => isPartial),
    places: placesOf(template, role, documents),
  };
}

/** The list is there, and none of its items can be seen. */
function isUnreadable(template: TemplateDocument, { properties }: TemplateResource, key: string): boolean {
  const choices = template.findAll(properties, key);
  return choices.some((node) => collectionPlaceOf(template, node) === undefined);
}

/** Policies are attached from their own side too. */
function findAttachedPolicies(template: TemplateDocument, role: TemplateResource): TemplateResource[] {
  const roleName = textOf(template, role.properties, "RoleName");
  const isThis = ({ text: { text } }: TextValue) => text === `\${${role.logicalId}}` || text === roleName;
  return template.resources.filter(({ type, properties }) => {
    if (type === "AWS::IAM::RolePolicy")
      return evaluateTexts(template, template.yaml.find(properties, "RoleName")).some(isThis);
    if (type !== "AWS::IAM::Policy" && type !== "AWS::IAM::ManagedPolicy") return false;
    return template.findAll(properties, "Roles[]").some((node) => evaluateTexts(template, node).some(isThis));
  });
}

/** Those of AWS's own that say nothing of secrets. */
const harmlessPolicies =
  /^(?:AmazonEC2ContainerRegistry\w+|AmazonElasticContainerRegistryPublic\w+|AmazonS3\w+|CloudWatch(?:Logs|Agent|Events)?\w+|AWSCodeCommit\w+|AWSCodeArtifact\w+|AWSXRay\w+|AmazonSSM(?:ReadOnlyAccess|ManagedInstanceCore)|AWSLambda(?:BasicExecutionRole|VPCAccessExecutionRole))$/;
const grantingPolicies: Readonly<Record<string, string>> = {
  AdministratorAccess: "*",
  // All but IAM and its like, which it excepts by `NotAction`.
  PowerUserAccess: "secretsmanager:*",
  SecretsManagerReadWrite: "secretsmanager:*",
};

function readManagedPolicy(template: TemplateDocument, node: Node): PolicyReading {
  const readings = evaluateTexts(template, node).map(({ text: { text } }): PolicyReading => {
    const [, logicalId] = /^\$\{(\w+)(?:\.PolicyArn)?\}$/.exec(text) ?? [];
    const policy = template.resources.find(
      (resource) => resource.logicalId === logicalId && resource.type === "AWS::IAM::ManagedPolicy",
    );
    if (policy) return readPolicyDocument(template, template.yaml.find(policy.properties, "PolicyDocument"));
    const [, name = ""] = /^arn:.*:iam::aws:policy\/(?:[\w-]+\/)*(\w+)$/.exec(text) ?? [];
    const action = Object.hasOwn(grantingPolicies, name) ? grantingPolicies[name] : undefined;
    const statements: RoleStatement[] = action === undefined ? [] : [statementOf(template.rangeOf(node), action)];
    return { statements, isPartial: action === undefined && !harmlessPolicies.test(name) };
  });
  return {
    statements: readings.flatMap(({ statements }) => statements),
    isPartial: readings.length !== 1 || readings.some(({ isPartial }) => isPartial),
  };
}

function placesOf(
  template: TemplateDocument,
  { properties }: TemplateResource,
  documents: readonly (Node | undefined)[],
): RolePlaces {
  const { find } = template.yaml;
  const propertiesPlace = collectionPlaceOf(template, properties);
  const policies = listPlaceOf(template, find(properties, "Policies"));
  const statements = documents
    .map((document) => listPlaceOf(template, find(document, "Statement")))
    .find((place) => place !== undefined);
  return {
    format: template.format,
    ...(propertiesPlace && { properties: propertiesPlace }),
    ...(policies && { policies }),
    ...(statements && { statements }),
  };
}
