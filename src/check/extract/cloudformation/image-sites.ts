import type { Node } from "yaml";
import type { ImageUse, ImageUseKind } from "../../image-use.ts";
import { findText } from "./evaluate-text.ts";
import { imagesOf } from "./image-of-value.ts";
import type { TemplateDocument, TemplateResource } from "./template-document.ts";

interface ImageSite {
  /** What holds the image: `ContainerDefinitions[]`. Empty for the properties themselves. */
  owner: string;
  key: string;
  /** Beside the image, names the credentials for it. */
  credentials?: string;
  kind?: ImageUseKind;
}

const batchContainers = ["Container", "EcsProperties.TaskProperties[].Containers[]"];

/** The properties that name an image; CodeBuild's have a reader of their own. */
const imageSites: Readonly<Record<string, readonly ImageSite[]>> = {
  "AWS::ECS::TaskDefinition": [{ owner: "ContainerDefinitions[]", key: "Image", credentials: "RepositoryCredentials" }],
  "AWS::ECS::ExpressGatewayService": [
    { owner: "PrimaryContainer", key: "Image", credentials: "RepositoryCredentials" },
  ],
  "AWS::Batch::JobDefinition": [
    { owner: "ContainerProperties", key: "Image", credentials: "RepositoryCredentials" },
    ...batchContainers.map((owner) => ({
      owner: `NodeProperties.NodeRangeProperties[].${owner}`,
      key: "Image",
      credentials: "RepositoryCredentials",
    })),
    { owner: "EcsProperties.TaskProperties[].Containers[]", key: "Image", credentials: "RepositoryCredentials" },
    { owner: "EksProperties.PodProperties.Containers[]", key: "Image" },
    { owner: "EksProperties.PodProperties.InitContainers[]", key: "Image" },
  ],
  "AWS::Lambda::Function": [{ owner: "Code", key: "ImageUri" }],
  "AWS::Serverless::Function": [{ owner: "", key: "ImageUri" }],
  "AWS::AppRunner::Service": [{ owner: "SourceConfiguration.ImageRepository", key: "ImageIdentifier" }],
  "AWS::Lightsail::Container": [{ owner: "ContainerServiceDeployment.Containers[]", key: "Image" }],
  "AWS::SageMaker::Model": [
    { owner: "PrimaryContainer", key: "Image" },
    { owner: "Containers[]", key: "Image" },
  ],
  "AWS::EMRServerless::Application": [{ owner: "ImageConfiguration", key: "ImageUri" }],
  "AWS::BedrockAgentCore::Runtime": [{ owner: "AgentRuntimeArtifact.ContainerConfiguration", key: "ContainerUri" }],
  "AWS::GameLift::ContainerGroupDefinition": [
    { owner: "GameServerContainerDefinition", key: "ImageUri" },
    { owner: "SupportContainerDefinitions[]", key: "ImageUri" },
  ],
  // Image Builder pulls it on an instance that it starts for the build.
  "AWS::ImageBuilder::ContainerRecipe": [{ owner: "", key: "ParentImage", kind: "tool" }],
};

export function readImageSites(
  template: TemplateDocument,
  { type, logicalId, properties }: TemplateResource,
): ImageUse[] {
  const sites = Object.hasOwn(imageSites, type) ? (imageSites[type] ?? []) : [];
  const platform = findPlatform(template, properties);
  return sites.flatMap(({ owner, key, credentials, kind = "deployment" }) =>
    ownersOf(template, properties, owner).flatMap((node) => {
      const hasCredentials = credentials !== undefined && template.findAll(node, credentials).length > 0;
      const site = [logicalId, ...(owner === "" ? [] : [owner]), key].join(".");
      return imagesOf(template, template.yaml.find(node, key), {
        kind,
        site,
        ...(hasCredentials && { hasCredentials }),
        ...(platform !== undefined && { platform }),
      });
    }),
  );
}

function ownersOf(template: TemplateDocument, properties: Node | undefined, path: string): Node[] {
  return path === "" ? template.choicesOf(properties) : template.findAll(properties, path);
}

const architectures: Readonly<Record<string, string>> = { ARM64: "linux/arm64", X86_64: "linux/amd64" };

function findPlatform(template: TemplateDocument, properties: Node | undefined): string | undefined {
  const node = template.yaml.find(properties, "RuntimePlatform", "CpuArchitecture");
  const value = findText(template, node);
  return value?.isConstant ? architectures[value.text.text] : undefined;
}
