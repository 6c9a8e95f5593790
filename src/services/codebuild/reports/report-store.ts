import type { Collection, Store } from "../../../store/store.ts";
import { isExpired, type ReportContent, type ReportRecord } from "./report.ts";
import { nameOfReportArn, type ReportGroupRecord } from "./report-group.ts";

/** Report groups, and their reports for as long as they can be read. */
export interface ReportStore {
  /** By name. */
  groups: Collection<ReportGroupRecord>;
  findReport(arn: string): ReportRecord | undefined;
  contentOf(report: ReportRecord): ReportContent;
  /** The newest first; of one group, or of all. */
  listReports(groupName?: string): ReportRecord[];
  putReport(report: ReportRecord, content?: ReportContent): void;
  /** What is not there is no error. */
  deleteReport(arn: string): void;
}

export function openReportStore(store: Store, now: () => Date): ReportStore {
  const groups = store.collection<ReportGroupRecord>("codebuild.report-group");
  const reports = store.collection<ReportRecord>("codebuild.report");
  const contents = store.collection<ReportContent>("codebuild.report-content");
  const remove = (id: string) => {
    reports.delete(id);
    contents.delete(id);
  };
  const takeLiving = (report: ReportRecord | undefined) => {
    if (report === undefined || !isExpired(report, now().getTime())) return report;
    remove(report.id);
    return undefined;
  };
  return {
    groups,
    findReport: (arn) => takeLiving(reports.get(nameOfReportArn(arn))),
    contentOf: ({ id }) => contents.get(id) ?? { testCases: [], coverages: [] },
    listReports: (groupName) =>
      reports
        .list(groupName === undefined ? "" : `${groupName}:`)
        .filter((report) => takeLiving(report) !== undefined)
        .sort((one, other) => other.created - one.created),
    putReport(report, content) {
      reports.put(report.id, report);
      if (content !== undefined) contents.put(report.id, content);
    },
    deleteReport: (arn) => remove(nameOfReportArn(arn)),
  };
}
