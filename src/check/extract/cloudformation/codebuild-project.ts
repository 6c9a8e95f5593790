import type { Node } from "yaml";
import type { BuildJob, BuildSecret, CodeBuildJob, CodeBuildPlaces, TemplatePlaces } from "../../build-job.ts";
import type { Extraction } from "../../extraction.ts";
import type { ImageUse } from "../../image-use.ts";
import { readBuildspec } from "../buildspec.ts";
import { findRole } from "./build-role.ts";
import { collectionPlaceOf, listPlaceOf } from "./collection-place.ts";
import { evaluateTexts, findText, type TextValue } from "./evaluate-text.ts";
import { imagesOf } from "./image-of-value.ts";
import type { TemplateDocument, TemplateResource } from "./template-document.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html */
export function readCodeBuildProject(template: TemplateDocument, resource: TemplateResource, path: string): Extraction {
  const images = environmentImages(template, resource);
  const project = readProject(template, resource, images);
  const { nested, ...buildspec } = readSource(template, resource, path);
  const codeBuild = { ...project, ...buildspec };
  const jobs = nested.flatMap(({ jobs }) => jobs);
  const job: BuildJob = {
    runner: "codebuild",
    name: resource.logicalId,
    range: resource.range,
    runnerImages: images.map((image) => ({ image, hasCredentials: codeBuild.registryCredential !== undefined })),
    steps: [],
    codeBuild,
  };
  return {
    images: [...images, ...nested.flatMap((extraction) => extraction.images)],
    // A batch's builds have a buildspec each, in the one project.
    jobs: jobs.length === 0 ? [job] : jobs.map((inner) => joinJobs(job, codeBuild, inner)),
    notes: nested.flatMap(({ notes }) => notes),
  };
}

function joinJobs(project: BuildJob, codeBuild: CodeBuildJob, inner: BuildJob): BuildJob {
  const variables = codeBuild.variables ?? {};
  // CodeBuild puts the project's variables into the names of the buildspec's secrets.
  const secrets = (inner.codeBuild?.secrets ?? []).map((secret) => ({
    ...secret,
    reference: secret.reference.replace(
      /\$\{(\w+)\}|\$(\w+)/g,
      (all, braced, bare) => variables[braced ?? bare] ?? all,
    ),
  }));
  return {
    ...inner,
    ...project,
    runnerImages: [...project.runnerImages, ...inner.runnerImages],
    steps: inner.steps,
    codeBuild: { ...inner.codeBuild, ...codeBuild, secrets: [...codeBuild.secrets, ...secrets] },
  };
}

/** The default that CodeBuild takes for a project's type. */
const platforms: Readonly<Record<string, string>> = { LINUX_CONTAINER: "linux/amd64", ARM_CONTAINER: "linux/arm64" };

function environmentImages(template: TemplateDocument, { logicalId, properties }: TemplateResource): ImageUse[] {
  const { find } = template.yaml;
  return template.findAll(properties, "Environment").flatMap((environment) => {
    const type = findText(template, find(environment, "Type"));
    const platform = type?.isConstant ? platforms[type.text.text] : undefined;
    return imagesOf(template, find(environment, "Image"), {
      kind: "runner",
      site: `${logicalId}.Environment.Image`,
      ...(platform !== undefined && { platform }),
    });
  });
}

function readProject(
  template: TemplateDocument,
  { properties, body }: TemplateResource,
  images: readonly ImageUse[],
): CodeBuildJob {
  const { find } = template.yaml;
  const constant = (...keys: string[]) => {
    const value = findText(template, find(properties, ...keys));
    return value?.isConstant ? value.text.text : undefined;
  };
  const [environmentImage] = images;
  const credential = find(properties, "Environment", "RegistryCredential");
  const pullCredentials = constant("Environment", "ImagePullCredentialsType");
  const role = findRole(template, find(properties, "ServiceRole"));
  const places = placesOf(template, properties, body);
  return {
    isProject: true,
    ...(environmentImage && { environmentImage }),
    ...(pullCredentials !== undefined && { imagePullCredentialsType: pullCredentials }),
    ...(credential && { registryCredential: template.rangeOf(credential) }),
    ...readPrivileged(template, find(properties, "Environment", "PrivilegedMode")),
    hasVpc: find(properties, "VpcConfig") !== undefined,
    ...readVariables(template, properties),
    ...(role && { role }),
    ...(places && { places }),
  };
}

/** Said to be neither where the stack decides. */
function readPrivileged(template: TemplateDocument, node: Node | undefined): { privileged?: boolean } {
  if (node === undefined) return { privileged: false };
  const texts = evaluateTexts(template, node);
  const [value] = texts;
  return texts.length === 1 && value?.isConstant ? { privileged: /^true$/i.test(value.text.text) } : {};
}

function readVariables(template: TemplateDocument, properties: Node | undefined) {
  const secrets: BuildSecret[] = [];
  const variables: Record<string, string> = {};
  for (const node of template.findAll(properties, "Environment.EnvironmentVariables[]")) {
    const text = (key: string): TextValue | undefined => evaluateTexts(template, template.yaml.find(node, key))[0];
    const name = text("Name")?.text.text;
    const value = text("Value");
    if (name === undefined || value === undefined) continue;
    const reference = value.text.text;
    const type = text("Type")?.text.text ?? "PLAINTEXT";
    // A dynamic reference is resolved by CloudFormation, with its own permissions, and reaches the build in plain text.
    if (type === "SECRETS_MANAGER" || reference.includes("{{resolve:secretsmanager:")) {
      secrets.push({ variable: name, reference, range: template.rangeOf(value.node) });
    } else if (type === "PLAINTEXT") variables[name] = reference;
  }
  return { secrets, variables };
}

interface SourceReading {
  nested: Extraction[];
  buildspecPath?: string;
  hasInlineBuildspec?: boolean;
}

/** A buildspec by itself, a path to one, or nothing: `buildspec.yml` at the root of the source. */
function readSource(template: TemplateDocument, { properties }: TemplateResource, path: string): SourceReading {
  const values = evaluateTexts(template, template.yaml.find(properties, "Source", "BuildSpec"));
  const inline = values.filter(({ text: { text } }) => isInlineBuildspec(text));
  if (inline.length > 0) {
    return { nested: inline.map(({ text }) => readBuildspec(text, path)), hasInlineBuildspec: true };
  }
  const named = values.find(({ text: { text } }) => text !== "");
  return { nested: [], ...(named && { buildspecPath: named.text.text }) };
}

function isInlineBuildspec(text: string): boolean {
  return text.includes("\n") || /^\s*\{\s*"|^["']?version["']?\s*:/.test(text);
}

function placesOf(template: TemplateDocument, properties: Node | undefined, body: Node): CodeBuildPlaces | undefined {
  const { find } = template.yaml;
  const place = (...keys: string[]) => collectionPlaceOf(template, find(properties, ...keys));
  const environmentNode = find(properties, "Environment");
  const variables = listPlaceOf(template, find(environmentNode, "EnvironmentVariables"));
  const propertiesPlace = place();
  const environment = place("Environment");
  const buildspec = find(properties, "Source", "BuildSpec");
  const isInline = evaluateTexts(template, buildspec).some(({ text: { text } }) => isInlineBuildspec(text));
  const role = find(properties, "ServiceRole");
  const resource = collectionPlaceOf(template, body);
  const templatePlaces = templatePlacesOf(template);
  return (
    resource &&
    templatePlaces && {
      format: template.format,
      template: templatePlaces,
      resource,
      ...(propertiesPlace && { properties: propertiesPlace }),
      ...(environment && { environment }),
      ...(variables && { environmentVariables: variables }),
      ...(buildspec && isInline && { inlineBuildspec: template.rangeOf(buildspec) }),
      ...(role && { serviceRole: template.rangeOf(role) }),
    }
  );
}

function templatePlacesOf(template: TemplateDocument): TemplatePlaces | undefined {
  const { root, entriesOf, rangeOf } = template.yaml;
  const entries = entriesOf(root);
  const find = (name: string) => entries.find(({ key }) => key === name);
  const key = find("Resources");
  const rootPlace = collectionPlaceOf(template, root);
  const resources = collectionPlaceOf(template, key?.value);
  const parameters = collectionPlaceOf(template, find("Parameters")?.value);
  if (key === undefined || rootPlace === undefined || resources === undefined) return undefined;
  return {
    root: rootPlace,
    resources,
    resourcesKey: rangeOf(key.keyNode).start,
    ...(parameters && { parameters }),
  };
}
