import { copyObject, parseCopySource } from "./copy-object.ts";
import { deleteObject, deleteObjects } from "./delete-object.ts";
import { parseTagging, readObjectSettings } from "./object-settings.ts";
import { getObject, headObject } from "./read-object.ts";
import { receiveBody } from "./receive-body.ts";
import type { S3Operations } from "./s3.ts";
import { objectArn, onObject, onVersion } from "./s3-permission.ts";
import type { S3Store } from "./s3-store.ts";
import { checkWrite, describeWrite, keepContent, writeObject } from "./write-object.ts";

export function objectOperations(s3: S3Store): S3Operations {
  return {
    PutObject: {
      permissions: (input, context) => [
        ...onObject("PutObject")(input, context),
        ...(input.ACL === undefined ? [] : onObject("PutObjectAcl")(input, context)),
        ...(input.Tagging === undefined ? [] : onObject("PutObjectTagging")(input, context)),
      ],
      async run(input) {
        checkWrite(s3, input);
        const settings = readObjectSettings(input);
        const content = await receiveBody(s3.content, input.Body, input);
        const tags = parseTagging(input.Tagging);
        return describeWrite(keepContent(s3, content, () => writeObject(s3, input, content, { settings, tags })));
      },
    },
    GetObject: { permissions: onVersion("GetObject"), run: (input) => getObject(s3, input) },
    HeadObject: { permissions: onVersion("GetObject"), run: (input) => headObject(s3, input) },
    DeleteObject: { permissions: onVersion("DeleteObject"), run: (input) => deleteObject(s3, input) },
    DeleteObjects: {
      permissions: ({ Bucket, Delete }, context) =>
        (Delete?.Objects ?? []).flatMap((object) => onVersion("DeleteObject")({ ...object, Bucket }, context)),
      run: (input) => deleteObjects(s3, input),
    },
    CopyObject: {
      permissions(input, context) {
        const { Bucket, Key, VersionId } = parseCopySource(input.CopySource);
        const action = VersionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
        return [{ action, resource: objectArn(Bucket, Key) }, ...onObject("PutObject")(input, context)];
      },
      run: (input) => copyObject(s3, input),
    },
  };
}
