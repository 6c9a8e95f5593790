import type { SecretBox } from "../../store/secret-box.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { BatchRecord } from "./batch/batch.ts";
import type { BuildRecord } from "./build.ts";
import type { ProjectEnvironmentRecord, ProjectRecord } from "./project.ts";
import { openReportStore, type ReportStore } from "./reports/report-store.ts";
import type { SourceCredentialRecord } from "./source-credential.ts";

/** Projects by name, builds and batches by ID. */
export interface CodeBuildStore {
  projects: Collection<ProjectRecord>;
  builds: Collection<BuildRecord>;
  batches: Collection<BatchRecord>;
  reports: ReportStore;
  /** By server type. */
  sourceCredentials: Collection<SourceCredentialRecord>;
  /** Resource policies by ARN. */
  policies: Collection<string>;
}

/** Values of variables are kept sealed: a NoEcho parameter of a template may have become one of type PLAINTEXT. */
export function openCodeBuildStore(store: Store, secretBox: SecretBox, now: () => Date): CodeBuildStore {
  return {
    projects: withSealed(store.collection<ProjectRecord>("codebuild.project"), secretBox, withValues),
    builds: withSealed(store.collection<BuildRecord>("codebuild.build"), secretBox, withValues),
    batches: withSealed(store.collection<BatchRecord>("codebuild.batch"), secretBox, withValues),
    reports: openReportStore(store, now),
    sourceCredentials: withSealed(
      store.collection<SourceCredentialRecord>("codebuild.source-credential"),
      secretBox,
      withToken,
    ),
    policies: store.collection<string>("codebuild.policy"),
  };
}

/** `change` makes the record anew with its secret values changed. */
function withSealed<T>(
  records: Collection<T>,
  { seal, open }: SecretBox,
  change: (record: T, by: (value: string) => string) => T,
): Collection<T> {
  const opened = (record: T) => change(record, open);
  return {
    get(key) {
      const record = records.get(key);
      return record === undefined ? undefined : opened(record);
    },
    put: (key, record) => records.put(key, change(record, seal)),
    delete: (key) => records.delete(key),
    list: (prefix) => records.list(prefix).map(opened),
    version: records.version,
  };
}

function withToken(credential: SourceCredentialRecord, change: (value: string) => string): SourceCredentialRecord {
  return { ...credential, token: change(credential.token) };
}

function withValues<T extends { environment: ProjectEnvironmentRecord }>(record: T, change: (value: string) => string) {
  const { environment } = record;
  const environmentVariables = environment.environmentVariables.map((variable) => ({
    ...variable,
    value: change(variable.value),
  }));
  return { ...record, environment: { ...environment, environmentVariables } };
}
