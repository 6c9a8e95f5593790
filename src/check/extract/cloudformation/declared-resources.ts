import type { DeclaredSecret, PullThroughCache } from "../../extraction.ts";
import { findText } from "./evaluate-text.ts";
import type { TemplateDocument, TemplateResource } from "./template-document.ts";

export function findDeclaredSecrets(template: TemplateDocument): DeclaredSecret[] {
  return ofType(template, "AWS::SecretsManager::Secret").map((resource) => {
    const name = textOf(template, resource, "Name");
    return { logicalId: resource.logicalId, range: resource.range, ...(name !== undefined && { name }) };
  });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-pullthroughcacherule.html */
export function findPullThroughCaches(template: TemplateDocument): PullThroughCache[] {
  return ofType(template, "AWS::ECR::PullThroughCacheRule").map((resource) => {
    const upstream = textOf(template, resource, "UpstreamRegistryUrl");
    const registry = textOf(template, resource, "UpstreamRegistry");
    return {
      prefix: textOf(template, resource, "EcrRepositoryPrefix") ?? "ROOT",
      isDockerHub: registry === "docker-hub" || upstream === "registry-1.docker.io",
      range: resource.range,
    };
  });
}

function ofType(template: TemplateDocument, type: string): TemplateResource[] {
  return template.resources.filter((resource) => resource.type === type);
}

function textOf(template: TemplateDocument, { properties }: TemplateResource, key: string): string | undefined {
  return findText(template, template.yaml.find(properties, key))?.text.text;
}
