import { join } from "node:path";
import type { BuildRecord } from "../build.ts";

/** Where a build finds the directories of its project's local cache in a container, as on AWS. */
export const containerCustomCache = "/codebuild/local-cache/custom";

/** What a build uses of its project's local cache. No container sees more of it than `custom`: the others are read as root. */
export interface LocalCacheDirectories {
  /** LOCAL_CUSTOM_CACHE: directories that stand in the build as links. */
  custom?: string;
  /** LOCAL_DOCKER_LAYER_CACHE, of privileged builds. */
  layers?: string;
  /** LOCAL_SOURCE_CACHE: mirrors of git repositories. */
  sources?: string;
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/caching-local.html */
export function localCacheDirectories({ cache, environment }: BuildRecord, directory: string): LocalCacheDirectories {
  const modes = cache?.modes ?? [];
  return {
    ...(modes.includes("LOCAL_CUSTOM_CACHE") && { custom: join(directory, "custom") }),
    ...(modes.includes("LOCAL_DOCKER_LAYER_CACHE") &&
      environment.privilegedMode && { layers: join(directory, "layers") }),
    ...(modes.includes("LOCAL_SOURCE_CACHE") && { sources: join(directory, "sources") }),
  };
}
