import { AwsError } from "../../aws-api/aws-error.ts";
import type { ResourceProvider, UnsupportedProperty } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { onlyAs, otherThan } from "./unsupported-properties.ts";
import { completeResource, unlessGone } from "./whole-resource.ts";

const supported = otherThan(
  "BucketName",
  "VersioningConfiguration",
  "BucketEncryption",
  "PublicAccessBlockConfiguration",
  "OwnershipControls",
  "AccessControl",
  "Tags",
);

/** Deleting a bucket with objects in it fails, as on AWS. */
export function s3BucketProvider(call: ServiceCall): ResourceProvider {
  return {
    type: "AWS::S3::Bucket",
    findUnsupported: (properties) => [
      ...supported(properties),
      ...onlyAs(properties, "AccessControl", ["Private"]),
      ...otherOwnership(properties),
    ],
    async create({ properties, generatedName, region }) {
      const Bucket = String(properties.BucketName ?? generatedName.toLowerCase());
      const constraint = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
      await call("s3", "CreateBucket", { Bucket, ...constraint }).catch((error: unknown) => {
        // CloudFormation's own words for it.
        if (!(error instanceof AwsError && error.name === "BucketAlreadyOwnedByYou")) throw error;
        throw new AwsError(error.name, `${Bucket} already exists`, { cause: error });
      });
      const set = async () => {
        for (const [operation, input] of settings(properties)) await call("s3", operation, { Bucket, ...input });
      };
      await completeResource(set, () => call("s3", "DeleteBucket", { Bucket }));
      return { physicalId: Bucket, attributes: bucketAttributes(Bucket, region) };
    },
    delete: ({ physicalId }) => unlessGone(call("s3", "DeleteBucket", { Bucket: physicalId }), "NoSuchBucket"),
  };
}

/** Buckets here know no ACLs, which is what AWS's default says. */
function otherOwnership({ OwnershipControls: controls }: Record<string, unknown>): UnsupportedProperty[] {
  const rules = (controls as { Rules?: { ObjectOwnership?: string }[] } | undefined)?.Rules ?? [];
  if (rules.every(({ ObjectOwnership }) => ObjectOwnership === "BucketOwnerEnforced")) return [];
  return [{ path: "/OwnershipControls", reason: "chubo supports BucketOwnerEnforced only" }];
}

interface Encryption {
  ServerSideEncryptionConfiguration: { ServerSideEncryptionByDefault?: object; BucketKeyEnabled?: boolean }[];
}

function settings(properties: Record<string, unknown>): [operation: string, input: object][] {
  const { VersioningConfiguration, BucketEncryption, PublicAccessBlockConfiguration, Tags } = properties;
  const found: [string, object][] = [];
  if (VersioningConfiguration !== undefined) found.push(["PutBucketVersioning", { VersioningConfiguration }]);
  if (BucketEncryption !== undefined) {
    const Rules = (BucketEncryption as Encryption).ServerSideEncryptionConfiguration.map(
      ({ ServerSideEncryptionByDefault, ...rule }) => ({
        ...rule,
        ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
      }),
    );
    found.push(["PutBucketEncryption", { ServerSideEncryptionConfiguration: { Rules } }]);
  }
  if (PublicAccessBlockConfiguration !== undefined) {
    found.push(["PutPublicAccessBlock", { PublicAccessBlockConfiguration }]);
  }
  if (Tags !== undefined) found.push(["PutBucketTagging", { Tagging: { TagSet: Tags } }]);
  return found;
}

function bucketAttributes(name: string, region: string): Record<string, string> {
  return {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
    WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
  };
}
