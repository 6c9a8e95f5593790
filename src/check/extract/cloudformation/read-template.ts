import { type Extraction, emptyExtraction, type FileReader, joinExtractions } from "../../extraction.ts";
import { wholeText } from "../../mapped-text.ts";
import type { SourceFile } from "../../source-file.ts";
import { readYaml } from "../yaml-nodes.ts";
import { readCodeBuildProject } from "./codebuild-project.ts";
import { findDeclaredSecrets, findPullThroughCaches } from "./declared-resources.ts";
import { readImageSites } from "./image-sites.ts";
import { findSamImageBuild } from "./sam-image-build.ts";
import { openTemplate, type TemplateDocument } from "./template-document.ts";

const templateName = /\.(?:ya?ml|json|template|cfn|cform|cft)$/i;
/** At the start of a line: a pipeline may have a whole template in its commands. */
const topLevelKey = /^["']?(?:Resources|AWSTemplateFormatVersion)["']?\s*:/m;
const resourceType = /["']?Type["']?\s*:\s*["']?AWS::\w+::/;

/** Words without which a template says nothing of images, builds and the secrets for them. */
const wantedWord =
  /\bImage\b|ImageUri|ImageIdentifier|ParentImage|ContainerUri|AWS::CodeBuild::|AWS::SecretsManager::Secret|PullThroughCacheRule|DockerContext/;

/** Templates of CloudFormation, SAM and CDK, also those that no stack can be made of: unknown types, unfilled blanks. */
export const cloudFormationReader: FileReader = {
  kind: "CloudFormation template",
  isFor({ path, text }: SourceFile): boolean {
    if (!templateName.test(path)) return false;
    if (!text.includes("Resources") || !(/^\s*\{/.test(text) || topLevelKey.test(text))) return false;
    return text.includes("AWSTemplateFormatVersion") || resourceType.test(text);
  },
  read({ path, text }: SourceFile): Extraction {
    if (!wantedWord.test(text)) return emptyExtraction;
    // A tab is white space in JSON, and an error in YAML's indentation; of the same length, it leaves places true.
    const isJson = text.trimStart().startsWith("{");
    const { documents, notes } = readYaml(wholeText(isJson ? text.replaceAll("\t", " ") : text));
    const extractions = documents.map((document) => readTemplate(openTemplate(text, document), path));
    return joinExtractions([{ ...emptyExtraction, notes }, ...extractions]);
  },
};

function readTemplate(template: TemplateDocument, path: string): Extraction {
  const resources = template.resources.map((resource): Extraction => {
    if (resource.type === "AWS::CodeBuild::Project") return readCodeBuildProject(template, resource, path);
    const build = findSamImageBuild(template, resource);
    return { images: readImageSites(template, resource), jobs: build === undefined ? [] : [build], notes: [] };
  });
  const caches = findPullThroughCaches(template);
  const secrets = findDeclaredSecrets(template);
  return joinExtractions([...resources, { ...emptyExtraction, pullThroughCaches: caches, secrets }]);
}
