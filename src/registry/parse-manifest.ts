import { isDigest } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/manifest.ts";
import { RegistryError } from "./registry-error.ts";

/** What a registry must know of a manifest: what it points to, and how it stands in a list of referrers. */
export interface ParsedManifest {
  mediaType: string;
  /** Config and layers that must be here; not those that are fetched from elsewhere. */
  blobs: Descriptor[];
  /** Manifests of an index. */
  manifests: Descriptor[];
  subject?: Descriptor;
  artifactType?: string;
  annotations?: Record<string, string>;
}

const imageTypes: ReadonlySet<string> = new Set([mediaTypes.imageManifest, mediaTypes.dockerManifest]);
const indexTypes: ReadonlySet<string> = new Set([mediaTypes.imageIndex, mediaTypes.dockerManifestList]);

/** Throws MANIFEST_INVALID and says what is wrong. `contentType` is the request's header, empty where it has none. */
export function parseManifest(body: Buffer, contentType: string): ParsedManifest {
  const fields = parseObject(body);
  const mediaType = resolveMediaType(fields, contentType.split(";")[0]?.trim() ?? "");
  if (fields.schemaVersion === 1)
    throw invalid("schema 1 is not supported: push it with a client that writes schema 2 or OCI");
  if (fields.schemaVersion !== 2) throw invalid("schemaVersion is not 2");
  if (imageTypes.has(mediaType)) {
    const { config, blobs } = readImage(fields);
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
    return { artifactType: config.mediaType, ...readCommon(fields, mediaType), blobs, manifests: [] };
  }
  if (indexTypes.has(mediaType)) {
    return { ...readCommon(fields, mediaType), blobs: [], manifests: readDescriptors(fields, "manifests") };
  }
  throw invalid(`media type ${mediaType || "(none)"} is not supported`);
}

function parseObject(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new RegistryError("MANIFEST_INVALID", { detail: "not JSON", cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("not a JSON object");
  return value as Record<string, unknown>;
}

/** OCI manifests may leave `mediaType` out; where it is written it must be what the request says. */
function resolveMediaType(fields: Record<string, unknown>, contentType: string): string {
  const written = typeof fields.mediaType === "string" ? fields.mediaType : "";
  if (written !== "" && contentType !== "" && written !== contentType) {
    throw invalid(`mediaType ${written} does not match Content-Type ${contentType}`);
  }
  return written || contentType;
}

function readImage(fields: Record<string, unknown>): { config: Descriptor; blobs: Descriptor[] } {
  const layers = readDescriptors(fields, "layers").filter((layer) => !isFetchedElsewhere(layer.mediaType));
  const config = readDescriptor(fields.config, "config");
  return { config, blobs: [config, ...layers] };
}

function isFetchedElsewhere(mediaType: string): boolean {
  return mediaType.includes(".nondistributable.") || mediaType.includes(".foreign.");
}

function readCommon(
  fields: Record<string, unknown>,
  mediaType: string,
): Pick<ParsedManifest, "mediaType" | "subject" | "artifactType" | "annotations"> {
  const { artifactType } = fields;
  return {
    mediaType,
    ...(fields.subject === undefined ? {} : { subject: readDescriptor(fields.subject, "subject") }),
    ...(typeof artifactType === "string" && artifactType !== "" ? { artifactType } : {}),
    ...(isTextRecord(fields.annotations) ? { annotations: fields.annotations } : {}),
  };
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");
}

function readDescriptors(fields: Record<string, unknown>, name: string): Descriptor[] {
  const list = fields[name];
  if (!Array.isArray(list)) throw invalid(`${name} is not a list`);
  return list.map((item, position) => readDescriptor(item, `${name}[${position}]`));
}

function readDescriptor(value: unknown, place: string): Descriptor {
  if (typeof value !== "object" || value === null) throw invalid(`${place} is not a descriptor`);
  const { digest, size, mediaType } = value as Record<string, unknown>;
  if (typeof digest !== "string" || !isDigest(digest)) throw invalid(`${place} has no valid digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw invalid(`${place} has no valid size`);
  if (typeof mediaType !== "string") throw invalid(`${place} has no mediaType`);
  return value as Descriptor;
}

function invalid(reason: string): RegistryError {
  return new RegistryError("MANIFEST_INVALID", { message: `manifest invalid: ${reason}`, detail: reason });
}
