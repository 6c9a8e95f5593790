import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentError } from "../services/codebuild/collaborators.ts";
import {
  type FileSystemRecord,
  fileSystemVariable,
  findPlace,
  isReadOnly,
} from "../services/codebuild/file-systems.ts";
import type { ProjectFile } from "./project-file.ts";

/** A file system of EFS as a directory of this machine. */
export interface PlacedFileSystem {
  identifier: string;
  directory: string;
  mountPoint: string;
  readOnly: boolean;
}

/**
 * The directory of chubo.yml, or one of the state directory, which is made; on AWS the one that a location names has to be
 * there. Throws EnvironmentError for what is no directory: PROVISIONING fails.
 */
export function placeFileSystems(
  fileSystems: readonly FileSystemRecord[],
  { projectFile, directory }: { projectFile: Pick<ProjectFile, "fileSystems">; directory: string },
): PlacedFileSystem[] {
  return fileSystems.map((fileSystem) => {
    const { identifier, location, mountPoint } = fileSystem;
    const place = findPlace(location);
    if (place === undefined) throw refused(identifier, `${location} is no DNS-NAME:/DIRECTORY`);
    const { host, path } = place;
    const given = projectFile.fileSystems.get(host) ?? projectFile.fileSystems.get(host.split(".")[0] ?? "");
    if (given !== undefined && statSync(given, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw refused(identifier, `${given}, which chubo.yml names for ${host}, is no directory`);
    }
    const placed = join(given ?? join(directory, host), path);
    try {
      mkdirSync(placed, { recursive: true });
    } catch (error) {
      throw refused(identifier, (error as Error).message, error);
    }
    return { identifier, directory: placed, mountPoint, readOnly: isReadOnly(fileSystem) };
  });
}

function refused(identifier: string, reason: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError("CLIENT_ERROR", `The file system ${identifier} cannot be mounted: ${reason}`, { cause });
}

/** Without mounts of its own, a build on the host finds the directory by the variable only. */
export function hostVariables(placed: readonly PlacedFileSystem[]): Record<string, string> {
  return Object.fromEntries(placed.map(({ identifier, directory }) => [fileSystemVariable(identifier), directory]));
}

export function containerVariables(placed: readonly PlacedFileSystem[]): Record<string, string> {
  return Object.fromEntries(placed.map(({ identifier, mountPoint }) => [fileSystemVariable(identifier), mountPoint]));
}

export function describeOnHost(placed: readonly PlacedFileSystem[]): string[] {
  return placed.map(({ identifier, directory, mountPoint }) => {
    return `$${fileSystemVariable(identifier)} is ${directory}, and nothing is at ${mountPoint}`;
  });
}
