import type { ProjectEnvironment } from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { isCuratedImage, type ProjectEnvironmentRecord } from "../project.ts";
import { checkEnum } from "./constraint.ts";

const types = [
  ...["LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "LINUX_LAMBDA_CONTAINER", "LINUX_EC2"],
  ...["ARM_CONTAINER", "ARM_LAMBDA_CONTAINER", "ARM_EC2", "MAC_ARM"],
  ...["WINDOWS_CONTAINER", "WINDOWS_SERVER_2019_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER", "WINDOWS_EC2"],
];
const computeTypes = [
  ...["SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE"].map((size) => `BUILD_GENERAL1_${size}`),
  ...["1GB", "2GB", "4GB", "8GB", "10GB"].map((size) => `BUILD_LAMBDA_${size}`),
  ...["ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"],
];

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html */
export function checkEnvironmentEnums({ type, computeType, imagePullCredentialsType }: ProjectEnvironment): void {
  checkEnum(type, "environment.type", types);
  checkEnum(computeType, "environment.computeType", computeTypes);
  checkEnum(imagePullCredentialsType, "environment.imagePullCredentialsType", ["CODEBUILD", "SERVICE_ROLE"]);
}

/** For a whole environment, after an override as well. The sentences are AWS's but for the last. */
export function checkImageCredentials(environment: ProjectEnvironmentRecord, account: string): void {
  const { image, imagePullCredentialsType: type, registryCredential } = environment;
  const refuse = (what: string) => new AwsError("InvalidInputException", `Invalid input: ${what}`);
  if (type === "SERVICE_ROLE" && isCuratedImage(image)) {
    throw refuse("cannot use a CodeBuild curated image with imagePullCredentialsType SERVICE_ROLE");
  }
  if (type === "SERVICE_ROLE") return;
  const owner = /^(\d{12})\.dkr\.ecr\./.exec(image)?.[1] ?? account;
  if (owner !== account) throw refuse("cannot use a cross-account ECR image with imagePullCredentialsType CODEBUILD");
  if (registryCredential !== undefined) throw refuse("registryCredential needs imagePullCredentialsType SERVICE_ROLE");
}
