import type { ResourceProvider } from "../../services/cloudformation/resource-provider.ts";
import type { ServiceCall } from "./resource-providers.ts";
import { supportOnly, unlessGone } from "./supported-properties.ts";

export function s3BucketProvider(call: ServiceCall): ResourceProvider {
  const type = "AWS::S3::Bucket";
  return {
    type,
    async create({ properties, generatedName, region }) {
      supportOnly(type, properties, ["BucketName", "VersioningConfiguration"]);
      const name = String(properties.BucketName ?? generatedName.toLowerCase());
      const constraint = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
      await call("s3", "CreateBucket", { Bucket: name, ...constraint });
      const versioning = properties.VersioningConfiguration;
      if (versioning !== undefined)
        await call("s3", "PutBucketVersioning", { Bucket: name, VersioningConfiguration: versioning });
      const host = `${name}.s3`;
      return {
        physicalId: name,
        attributes: {
          Arn: `arn:aws:s3:::${name}`,
          DomainName: `${host}.amazonaws.com`,
          RegionalDomainName: `${host}.${region}.amazonaws.com`,
          DualStackDomainName: `${host}.dualstack.${region}.amazonaws.com`,
          WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
        },
      };
    },
    delete: ({ physicalId }) => unlessGone(call("s3", "DeleteBucket", { Bucket: physicalId }), "NoSuchBucket"),
  };
}
