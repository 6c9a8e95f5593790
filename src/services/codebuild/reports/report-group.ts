import type { ReportExportConfig, ReportGroup } from "@aws-sdk/client-codebuild";
import type { ReportKind } from "./report.ts";

/** A report group as it is stored. Times in milliseconds since 1970. */
export interface ReportGroupRecord {
  name: string;
  arn: string;
  type: ReportKind;
  exportConfig: ReportExportConfig;
  tags: { key?: string; value?: string }[];
  created: number;
  lastModified: number;
}

/** The record in the shape of the API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ReportGroup.html */
export function describeReportGroup({ created, lastModified, ...group }: ReportGroupRecord): ReportGroup {
  return { ...group, created: new Date(created), lastModified: new Date(lastModified), status: "ACTIVE" };
}

export function reportGroupArn(name: string, { region, account }: { region: string; account: string }): string {
  return `arn:aws:codebuild:${region}:${account}:report-group/${name}`;
}

/** `GROUP` of a group's ARN, `GROUP:UUID` of a report's. */
export function nameOfReportArn(arn: string): string {
  return arn.replace(/^arn:.*:report(-group)?\//, "");
}
