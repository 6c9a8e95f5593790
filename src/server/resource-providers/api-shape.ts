import { type PropertyType, resourceTypeCatalogue, type Structure } from "../../template/resource-type.ts";

/** Names in templates that are not the API's with a small first letter. */
const apiNames: Readonly<Record<string, string>> = {
  BuildSpec: "buildspec",
  EFSVolumeConfiguration: "efsVolumeConfiguration",
  FSxWindowsFileServerVolumeConfiguration: "fsxWindowsFileServerVolumeConfiguration",
  FilesystemId: "fileSystemId",
  IAM: "iam",
  ProxyConfigurationProperties: "properties",
  S3FilesVolumeConfiguration: "s3filesVolumeConfiguration",
};

/**
 * Properties of a template as input of an API with camelCase members: `ContainerDefinitions` → `containerDefinitions`,
 * all the way down, by the resource type's specification. Keys of maps are their author's and stay as they are.
 */
export function toApiShape(resourceType: string, properties: Record<string, unknown>): Record<string, unknown> {
  const type = resourceTypeCatalogue().findType(resourceType);
  if (type === undefined) throw new TypeError(`no specification of ${resourceType}`);
  return structureToApi(properties, type.properties);
}

export function apiName(name: string): string {
  return Object.hasOwn(apiNames, name) ? (apiNames[name] as string) : name.charAt(0).toLowerCase() + name.slice(1);
}

function structureToApi(value: Record<string, unknown>, structure: Structure): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const type = structure[name]?.type;
      return [apiName(name), type === undefined ? member : valueToApi(member, type)];
    }),
  );
}

function valueToApi(value: unknown, type: PropertyType): unknown {
  if (type.kind === "list" && Array.isArray(value)) return value.map((item) => valueToApi(item, type.element));
  if (type.kind === "structure" && typeof value === "object" && value !== null) {
    return structureToApi(value as Record<string, unknown>, resourceTypeCatalogue().getStructure(type.name));
  }
  return value;
}
