import { Readable } from "node:stream";
import type * as Sdk from "@aws-sdk/client-s3";
import { getUpload } from "./find-upload.ts";
import { multipartChecksums, multipartEtag, type PartRecord, selectParts } from "./multipart-upload.ts";
import { receiveBody } from "./receive-body.ts";
import type { S3Store } from "./s3-store.ts";
import { checkWrite, describeWrite, keepContent, writeObject } from "./write-object.ts";

/** Joins the parts into one object, and lets go of all parts, also of those that it does not use. */
export async function completeUpload(s3: S3Store, input: Sdk.CompleteMultipartUploadCommandInput) {
  const { name, region } = s3.getBucket(input.Bucket);
  const upload = getUpload(s3, input);
  checkWrite(s3, input);
  const parts = selectParts(upload, input.MultipartUpload ?? {});
  const { checksumAlgorithm, checksumType } = upload;
  const wholeAlgorithm = checksumType === "FULL_OBJECT" ? checksumAlgorithm : undefined;
  const content = await receiveBody(s3.content, Readable.from(readParts(s3, parts)), {
    ChecksumAlgorithm: wholeAlgorithm,
    ...givenChecksum(input, wholeAlgorithm),
  });
  const checksums = multipartChecksums(upload, parts, content.checksums);
  const joined = { ...content, etag: multipartEtag(parts), checksums };
  const version = keepContent(s3, joined, () => {
    // Read again: another completion or an abort may have come between.
    s3.uploads(name).delete(getUpload(s3, input).uploadId);
    const { settings, tags } = upload;
    return writeObject(s3, input, joined, { settings, tags });
  });
  s3.release(Object.values(upload.parts));
  return {
    ...describeWrite(version),
    Location: `http://${name}.s3.${region}.amazonaws.com/${input.Key}`,
    Bucket: name,
    Key: input.Key,
  };
}

function givenChecksum(input: Sdk.CompleteMultipartUploadCommandInput, algorithm: string | undefined) {
  const member = `Checksum${algorithm}` as "ChecksumCRC32";
  return algorithm === undefined || input[member] === undefined ? {} : { [member]: input[member] };
}

async function* readParts({ content }: S3Store, parts: readonly PartRecord[]): AsyncGenerator<Uint8Array> {
  for (const { digest } of parts) yield* content.read(digest) as AsyncIterable<Uint8Array>;
}
