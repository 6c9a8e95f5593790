import { getRecord, getVersion, type VersionInput } from "./find-version.ts";
import type { S3Operations } from "./s3.ts";
import { onVersion } from "./s3-permission.ts";
import type { S3Store } from "./s3-store.ts";

export function taggingOperations(s3: S3Store): S3Operations {
  const change = (input: VersionInput, tags: Record<string, string> | undefined) => {
    const record = getRecord(s3, input);
    const target = getVersion(s3, input);
    const { tags: _, ...untagged } = target;
    const changed = tags === undefined ? untagged : { ...untagged, tags };
    const versions = record.versions.map((version) => (version.versionId === target.versionId ? changed : version));
    s3.objects(s3.getBucket(input.Bucket).name).put(record.key, { ...record, versions });
    return target.versionId === "null" ? {} : { VersionId: target.versionId };
  };
  return {
    GetObjectTagging: {
      permissions: onVersion("GetObjectTagging"),
      run(input) {
        const { tags = {}, versionId } = getVersion(s3, input);
        const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        return { TagSet, ...(versionId === "null" ? {} : { VersionId: versionId }) };
      },
    },
    PutObjectTagging: {
      permissions: onVersion("PutObjectTagging"),
      run(input) {
        const entries = (input.Tagging?.TagSet ?? []).map(({ Key = "", Value = "" }) => [Key, Value] as const);
        return change(input, Object.fromEntries(entries));
      },
    },
    DeleteObjectTagging: {
      permissions: onVersion("DeleteObjectTagging"),
      run: (input) => change(input, undefined),
    },
  };
}
