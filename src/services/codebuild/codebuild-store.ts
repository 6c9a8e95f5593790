import type { Collection, Store } from "../../store/store.ts";
import type { BuildRecord } from "./build.ts";
import type { ProjectRecord } from "./project.ts";

/** Projects by name, builds by ID. */
export interface CodeBuildStore {
  projects: Collection<ProjectRecord>;
  builds: Collection<BuildRecord>;
}

export function openCodeBuildStore(store: Store): CodeBuildStore {
  return {
    projects: store.collection<ProjectRecord>("codebuild.project"),
    builds: store.collection<BuildRecord>("codebuild.build"),
  };
}
