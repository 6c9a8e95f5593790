import type * as Sdk from "@aws-sdk/client-s3";
import { keyEncoder, readMaxKeys } from "./list-encoding.ts";
import { listPage } from "./list-page.ts";
import { defined } from "./object-settings.ts";
import { formatEtag, type ObjectVersion } from "./object-version.ts";
import type { S3Store } from "./s3-store.ts";

interface Entry {
  key: string;
  version: ObjectVersion;
  isLatest: boolean;
}

/** Versions and delete markers, by key and from the newest on. */
export function listObjectVersions(s3: S3Store, input: Sdk.ListObjectVersionsCommandInput, Owner: Sdk.Owner) {
  const { name } = s3.getBucket(input.Bucket);
  const { Prefix: prefix, Delimiter: delimiter } = input;
  const limit = readMaxKeys(input.MaxKeys);
  const encode = keyEncoder(input.EncodingType);
  const all = s3
    .objects(name)
    .list(prefix ?? "")
    .flatMap(({ key, versions }): Entry[] =>
      versions.map((version, place) => ({ key, version, isLatest: place === 0 })),
    );
  const { entries, after } = startAt(all, input);
  const page = listPage(entries, ({ key }) => key, { prefix, delimiter, after, limit });
  const last = page.items.at(-1);
  const describe = ({ key, version, isLatest }: Entry) => ({
    Key: encode(key),
    VersionId: version.versionId,
    IsLatest: isLatest,
    LastModified: new Date(version.lastModified),
    Owner,
  });
  const isMarker = ({ version }: Entry) => version.isDeleteMarker === true;
  return {
    Name: name,
    Prefix: encode(prefix ?? ""),
    MaxKeys: limit,
    IsTruncated: page.isTruncated,
    ...defined("EncodingType", input.EncodingType),
    ...defined("Delimiter", delimiter),
    Versions: page.items
      .filter((entry) => !isMarker(entry))
      .map((entry) => ({
        ...describe(entry),
        ETag: formatEtag(entry.version.etag),
        Size: entry.version.size,
        StorageClass: "STANDARD" as const,
      })),
    DeleteMarkers: page.items.filter(isMarker).map(describe),
    CommonPrefixes: page.commonPrefixes.map((text) => ({ Prefix: encode(text) })),
    ...(page.isTruncated && page.last !== undefined
      ? {
          NextKeyMarker: encode(page.last),
          ...(last?.key === page.last ? { NextVersionIdMarker: last.version.versionId } : {}),
        }
      : {}),
  };
}

/** A page may end between two versions of a key: then the next one begins inside that key. */
function startAt(
  all: Entry[],
  { KeyMarker, VersionIdMarker }: Sdk.ListObjectVersionsCommandInput,
): { entries: Entry[]; after: string | undefined } {
  if (KeyMarker === undefined || KeyMarker === "") return { entries: all, after: undefined };
  const place = all.findIndex(({ key, version }) => key === KeyMarker && version.versionId === VersionIdMarker);
  return place < 0 ? { entries: all, after: KeyMarker } : { entries: all.slice(place + 1), after: undefined };
}
