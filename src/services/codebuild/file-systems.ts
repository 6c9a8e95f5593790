import type { ProjectFileSystemLocation } from "@aws-sdk/client-codebuild";
import { AwsError } from "../../aws-api/aws-error.ts";
import { checkEnum } from "./operations/constraint.ts";

/** A file system of a project, as a build is to have it. */
export interface FileSystemRecord {
  type: "EFS";
  /** `CODEBUILD_IDENTIFIER` names the place. */
  identifier: string;
  /** `DNS-NAME:/DIRECTORY`. */
  location: string;
  /** In the container. */
  mountPoint: string;
  /** Of NFS; `ro` is heeded. */
  mountOptions?: string;
}

/** Top directories that a container cannot do without, and what is the build's own. */
const takenDirectories = ["bin", "codebuild", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys", "usr"];

/**
 * Throws InvalidInputException, in our own words, and ValidationException for another type.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectFileSystemLocation.html
 */
export function checkFileSystems(locations: readonly ProjectFileSystemLocation[]): void {
  const identifiers = new Set<string>();
  for (const { type = "EFS", identifier = "", location = "", mountPoint = "" } of locations) {
    checkEnum(type, "fileSystemLocations.type", ["EFS"]);
    if (!/^[A-Za-z][\w-]{0,126}$/.test(identifier)) {
      throw refused(`Invalid file system identifier: ${identifier || "none is given"}`);
    }
    if (identifiers.has(identifier.toUpperCase())) throw refused(`Duplicate file system identifier: ${identifier}`);
    identifiers.add(identifier.toUpperCase());
    if (findPlace(location) === undefined) {
      throw refused(
        `Invalid file system location: ${location || "none is given"}, and DNS-NAME:/DIRECTORY is asked for`,
      );
    }
    const [, top = ""] = /^\/+([^/]+)(?:\/|$)/.exec(mountPoint) ?? [];
    if (top === "" || mountPoint.split("/").includes("..") || takenDirectories.includes(top)) {
      throw refused(`Invalid file system mount point: ${mountPoint || "none is given"}`);
    }
  }
}

function refused(message: string): AwsError {
  return new AwsError("InvalidInputException", message);
}

export interface FileSystemPlace {
  /** `fs-abcd1234.efs.us-west-2.amazonaws.com`. */
  host: string;
  /** Below its top, without a slash at either end. */
  path: string;
}

export function findPlace(location: string): FileSystemPlace | undefined {
  const [, host, path = ""] = /^([A-Za-z0-9][A-Za-z0-9.-]*):\/(.*)$/s.exec(location) ?? [];
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (host === undefined || parts.includes("..") || path.includes("\0")) return undefined;
  return { host, path: parts.join("/") };
}

/** CODEBUILD_MY_EFS of `my_efs`. */
export function fileSystemVariable(identifier: string): string {
  return `CODEBUILD_${identifier.toUpperCase()}`;
}

export function isReadOnly({ mountOptions = "" }: FileSystemRecord): boolean {
  return mountOptions.split(",").includes("ro");
}
