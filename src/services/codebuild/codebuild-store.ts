import type { SecretBox } from "../../store/secret-box.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { BuildRecord } from "./build.ts";
import type { ProjectEnvironmentRecord, ProjectRecord } from "./project.ts";
import { openReportStore, type ReportStore } from "./reports/report-store.ts";

/** Projects by name, builds by ID. */
export interface CodeBuildStore {
  projects: Collection<ProjectRecord>;
  builds: Collection<BuildRecord>;
  reports: ReportStore;
}

/** Values of variables are kept sealed: a NoEcho parameter of a template may have become one of type PLAINTEXT. */
export function openCodeBuildStore(store: Store, secretBox: SecretBox, now: () => Date): CodeBuildStore {
  return {
    projects: withSealedVariables(store.collection<ProjectRecord>("codebuild.project"), secretBox),
    builds: withSealedVariables(store.collection<BuildRecord>("codebuild.build"), secretBox),
    reports: openReportStore(store, now),
  };
}

function withSealedVariables<T extends { environment: ProjectEnvironmentRecord }>(
  records: Collection<T>,
  { seal, open }: SecretBox,
): Collection<T> {
  const opened = (record: T) => withValues(record, open);
  return {
    get(key) {
      const record = records.get(key);
      return record === undefined ? undefined : opened(record);
    },
    put: (key, record) => records.put(key, withValues(record, seal)),
    delete: (key) => records.delete(key),
    list: (prefix) => records.list(prefix).map(opened),
    version: records.version,
  };
}

function withValues<T extends { environment: ProjectEnvironmentRecord }>(record: T, change: (value: string) => string) {
  const { environment } = record;
  const environmentVariables = environment.environmentVariables.map((variable) => ({
    ...variable,
    value: change(variable.value),
  }));
  return { ...record, environment: { ...environment, environmentVariables } };
}
