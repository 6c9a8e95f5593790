import type { Store } from "../../store/store.ts";
import { abandonBuild, type BuildRecord } from "./build.ts";
import { type CodeBuildStore, openCodeBuildStore } from "./codebuild-store.ts";
import type { BuildCollaborators } from "./collaborators.ts";
import type { ProjectRecord } from "./project.ts";
import { BuildEnd, type BuildInput, runBuild } from "./run-build.ts";

/** The builds of an account: which run, and how they are started and ended. */
export interface CodeBuild {
  store: CodeBuildStore;
  /** Starts a build of the project with these changes; the record is the build as it begins. */
  start(project: ProjectRecord, changes: Partial<BuildRecord>, input: BuildInput): BuildRecord;
  /** Resolves with the record when the build has ended. */
  ended(buildId: string): Promise<BuildRecord>;
  stop(buildId: string): void;
  /** Stops all builds and waits for them. */
  shutdown(): Promise<void>;
}

export interface CodeBuildOptions {
  store: Store;
  region: string;
  account: string;
  collaborators: BuildCollaborators;
  onDefect(error: unknown): void;
}

export function openCodeBuild(options: CodeBuildOptions): CodeBuild {
  const { collaborators, region } = options;
  const store = openCodeBuildStore(options.store);
  const running = new Map<string, { end: AbortController; outcome: Promise<BuildRecord> }>();
  const save = (build: BuildRecord) => store.builds.put(build.id, build);
  for (const build of store.builds.list().filter(({ status }) => status === "IN_PROGRESS")) {
    abandonBuild(build, collaborators.now().getTime());
    save(build);
  }
  return {
    store,
    start(project, changes, input) {
      const build = newBuild(options, project, changes);
      store.projects.put(project.name, { ...project, builds: build.number });
      save(build);
      const end = new AbortController();
      const timer = setTimeout(() => end.abort(new BuildEnd("TIMED_OUT")), build.timeoutInMinutes * 60_000);
      const outcome = runBuild({ build, region, collaborators, input, signal: end.signal, save })
        .catch((error: unknown) => {
          options.onDefect(error);
          return build;
        })
        .finally(() => {
          clearTimeout(timer);
          running.delete(build.id);
        });
      running.set(build.id, { end, outcome });
      return structuredClone(build);
    },
    async ended(buildId) {
      const outcome = await running.get(buildId)?.outcome;
      const build = outcome ?? store.builds.get(buildId);
      if (build === undefined) throw new Error(`no build ${buildId}`);
      return build;
    },
    stop: (buildId) => running.get(buildId)?.end.abort(new BuildEnd("STOPPED")),
    async shutdown() {
      const all = [...running.values()];
      for (const { end } of all) end.abort(new BuildEnd("STOPPED"));
      await Promise.all(all.map(({ outcome }) => outcome));
    },
  };
}

function newBuild(options: CodeBuildOptions, project: ProjectRecord, changes: Partial<BuildRecord>): BuildRecord {
  const uuid = options.collaborators.newUuid();
  const id = `${project.name}:${uuid}`;
  return {
    id,
    arn: `arn:aws:codebuild:${options.region}:${options.account}:build/${id}`,
    number: project.builds + 1,
    projectName: project.name,
    status: "IN_PROGRESS",
    phases: [],
    startTime: options.collaborators.now().getTime(),
    initiator: "root",
    source: project.source,
    artifacts: project.artifacts,
    environment: project.environment,
    serviceRole: project.serviceRole,
    timeoutInMinutes: project.timeoutInMinutes,
    queuedTimeoutInMinutes: project.queuedTimeoutInMinutes,
    logs: { groupName: `/aws/codebuild/${project.name}`, streamName: uuid },
    exportedVariables: [],
    ...changes,
  };
}
