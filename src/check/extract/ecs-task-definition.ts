import { isScalar, isSeq, type Node } from "yaml";
import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import { wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { imageUseOf } from "./image-use-of.ts";
import { readYaml, type YamlDocument } from "./yaml-nodes.ts";

const definitionName = /\.(?:json|ya?ml)(?:\.(?:tpl|tftpl|tmpl|template|j2|erb))?$/i;
/** CodePipeline hands these to ECS: https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html */
const deployedName = /(?:^|\/)(?:imagedefinitions|imageDetail)\.json$/;

/** ECS task definitions as the command line and CodeDeploy take them, Elastic Beanstalk's Dockerrun, image definitions. */
export const ecsTaskDefinitionReader: FileReader = {
  kind: "ECS task definition",
  isFor({ path, text }: SourceFile): boolean {
    if (deployedName.test(path)) return true;
    if (!definitionName.test(path)) return false;
    if (/^\s*\{/.test(text)) return /"(?:containerDefinitions|AWSEBDockerrunVersion)"\s*:/.test(text);
    // At the start of a line: a pipeline has the same word in its commands.
    return isContainerList(text) || /^["']?containerDefinitions["']?\s*:/m.test(text);
  },
  read({ text }: SourceFile): Extraction {
    const isJson = /^\s*[{[]/.test(text);
    const { documents, notes } = readYaml(wholeText(isJson ? text.replaceAll("\t", " ") : text));
    return { ...emptyExtraction, images: documents.flatMap(readDefinition), notes };
  },
};

/** Terraform's `container_definitions` in a file: the list alone. */
function isContainerList(text: string): boolean {
  return /^\s*\[\s*\{/.test(text) && text.includes('"image"') && /"(?:essential|portMappings)"\s*:/.test(text);
}

function readDefinition(yaml: YamlDocument): ImageUse[] {
  const { root, find, itemsOf } = yaml;
  if (isSeq(root))
    return itemsOf(root).flatMap((item) => [...containerImage(yaml, item), ...deployedImage(yaml, item)]);
  if (find(root, "AWSEBDockerrunVersion") !== undefined) return readDockerrun(yaml);
  // What `aws ecs describe-task-definition` writes has it one level down.
  const definition = find(root, "taskDefinition") ?? root;
  return [
    ...itemsOf(find(definition, "containerDefinitions")).flatMap((item) =>
      containerImage(yaml, item, findPlatform(yaml, definition)),
    ),
    ...deployedImage(yaml, root),
  ];
}

function containerImage(yaml: YamlDocument, container: Node, platform?: string): ImageUse[] {
  const hasCredentials = yaml.find(container, "repositoryCredentials") !== undefined;
  return imageAt(yaml, yaml.find(container, "image"), {
    site: `containerDefinitions.${yaml.textOf(yaml.find(container, "name"))?.text ?? "image"}`,
    ...(hasCredentials && { hasCredentials }),
    ...(platform !== undefined && { platform }),
  });
}

function deployedImage(yaml: YamlDocument, item: Node | undefined): ImageUse[] {
  return ["imageUri", "ImageURI"].flatMap((key) => imageAt(yaml, yaml.find(item, key), { site: key }));
}

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/single-container-docker-configuration.html */
function readDockerrun(yaml: YamlDocument): ImageUse[] {
  const { root, find, itemsOf } = yaml;
  const hasCredentials = find(root, "Authentication") !== undefined || find(root, "authentication") !== undefined;
  const credentials = hasCredentials ? { hasCredentials } : {};
  const containers = itemsOf(find(root, "containerDefinitions")).map((item) => find(item, "image"));
  return [find(root, "Image", "Name"), ...containers].flatMap((node) =>
    imageAt(yaml, isScalar(node) ? node : (find(node, "name") ?? find(node, "Name")), {
      site: "Dockerrun image",
      ...credentials,
    }),
  );
}

/** What a deployment fills in, `<IMAGE1_NAME>`, is pulled by nobody as it stands. */
function imageAt(
  yaml: YamlDocument,
  node: Node | undefined,
  description: Omit<Partial<ImageUse>, "site"> & { site: string },
) {
  const value = yaml.textOf(node);
  if (value === undefined || value.text.trim() === "" || /^<.*>$/.test(value.text)) return [];
  const use = imageUseOf(value, { kind: "deployment", ...description });
  if (!/[<>%]/.test(value.text)) return [use];
  const { reference: _reference, edit: _edit, ...open } = use;
  return [open];
}

const architectures: Readonly<Record<string, string>> = { ARM64: "linux/arm64", X86_64: "linux/amd64" };

function findPlatform({ find, textOf }: YamlDocument, definition: Node | undefined): string | undefined {
  return architectures[textOf(find(definition, "runtimePlatform", "cpuArchitecture"))?.text ?? ""];
}
