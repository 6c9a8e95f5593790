import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { CallContext, Operations, Permission } from "../../../aws-api/service.ts";
import type { ReportKind } from "../reports/report.ts";
import {
  describeReportGroup,
  nameOfReportArn,
  type ReportGroupRecord,
  reportGroupArn,
} from "../reports/report-group.ts";
import type { ReportStore } from "../reports/report-store.ts";
import { findTrend } from "../reports/trend.ts";
import { checkEnum, checkLength, checkRange, constraintError } from "./constraint.ts";
import { lookUp, takePage } from "./find-records.ts";
import { invalid } from "./project-input.ts";

/** A permission on the group that an ARN names, its own or one of its reports'. */
export function onReportGroup(operation: string, arn: string | undefined, context: CallContext): Permission[] {
  const name = nameOfReportArn(arn ?? "").replace(/:.*$/, "");
  return [{ action: `codebuild:${operation}`, resource: reportGroupArn(name, context) }];
}

/** Throws ResourceNotFoundException. */
export function getReportGroup(reports: ReportStore, arn: string | undefined): ReportGroupRecord {
  const group = reports.groups.get(nameOfReportArn(arn ?? ""));
  if (group?.arn === arn && group !== undefined) return group;
  throw new AwsError("ResourceNotFoundException", `Report group does not exist: ${arn}`);
}

export function reportGroupOperations(reports: ReportStore, now: () => Date) {
  const { groups } = reports;
  return {
    CreateReportGroup: {
      permissions: (input, context) => onReportGroup("CreateReportGroup", input.name, context),
      run(input, context) {
        const group = newGroup(input, context, now());
        if (groups.get(group.name) !== undefined) {
          throw new AwsError("ResourceAlreadyExistsException", `Report group already exists: ${group.arn}`);
        }
        groups.put(group.name, group);
        return { reportGroup: describeReportGroup(group) };
      },
    },
    UpdateReportGroup: {
      permissions: (input, context) => onReportGroup("UpdateReportGroup", input.arn, context),
      run(input) {
        const updated = updatedGroup(getReportGroup(reports, input.arn), input, now());
        groups.put(updated.name, updated);
        return { reportGroup: describeReportGroup(updated) };
      },
    },
    DeleteReportGroup: {
      permissions: (input, context) => onReportGroup("DeleteReportGroup", input.arn, context),
      run(input) {
        deleteReportGroup(reports, input);
        return {};
      },
    },
    BatchGetReportGroups: {
      permissions: (input, context) =>
        (input.reportGroupArns ?? []).flatMap((arn) => onReportGroup("BatchGetReportGroups", arn, context)),
      run(input) {
        checkLength(input.reportGroupArns, "reportGroupArns", 100);
        const { found, missing } = lookUp(input.reportGroupArns, (arn) => {
          const group = groups.get(nameOfReportArn(arn));
          return group?.arn === arn ? group : undefined;
        });
        return { reportGroups: found.map(describeReportGroup), reportGroupsNotFound: missing };
      },
    },
    ListReportGroups: {
      permissions: () => [{ action: "codebuild:ListReportGroups", resource: "*" }],
      run(input) {
        const { items, nextToken } = takePage(sortedArns(groups.list(), input), input);
        return { reportGroups: items, ...(nextToken !== undefined && { nextToken }) };
      },
    },
    GetReportGroupTrend: {
      permissions: (input, context) => onReportGroup("GetReportGroupTrend", input.reportGroupArn, context),
      run(input) {
        checkRange(input.numOfReports, "numOfReports", 1, 100);
        const { name, type } = getReportGroup(reports, input.reportGroupArn);
        const analysed = reports.listReports(name).slice(0, input.numOfReports ?? 100);
        return findTrend(analysed, type, input.trendField);
      },
    },
  } satisfies Operations<typeof Sdk>;
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateReportGroup.html */
function newGroup(input: Sdk.CreateReportGroupCommandInput, context: CallContext, time: Date): ReportGroupRecord {
  const { name = "", type, exportConfig, tags = [] } = input;
  if (name.length < 2 || name.length > 128) {
    const bound = name.length < 2 ? "greater than or equal to 2" : "less than or equal to 128";
    throw constraintError(name, "name", `Member must have length ${bound}`);
  }
  checkEnum(type, "type", ["TEST", "CODE_COVERAGE"]);
  // AWS names no pattern; a name must fit into an ARN and be told from a report's.
  if (!/^[A-Za-z0-9][A-Za-z0-9\-_]+$/.test(name)) throw invalid(`Invalid report group name: ${name}`);
  return {
    name,
    arn: reportGroupArn(name, context),
    type: type as ReportKind,
    exportConfig: readExportConfig(exportConfig ?? {}),
    tags: readTags(tags),
    created: time.getTime(),
    lastModified: time.getTime(),
  };
}

function updatedGroup(
  group: ReportGroupRecord,
  { exportConfig, tags }: Sdk.UpdateReportGroupCommandInput,
  time: Date,
): ReportGroupRecord {
  return {
    ...group,
    ...(exportConfig !== undefined && { exportConfig: readExportConfig(exportConfig) }),
    ...(tags !== undefined && { tags: readTags(tags) }),
    lastModified: time.getTime(),
  };
}

function readTags(tags: readonly Sdk.Tag[]): ReportGroupRecord["tags"] {
  return tags.map(({ key = "", value = "" }) => ({ key, value }));
}

function readExportConfig({ exportConfigType, s3Destination }: Sdk.ReportExportConfig): Sdk.ReportExportConfig {
  checkEnum(exportConfigType, "exportConfig.exportConfigType", ["S3", "NO_EXPORT"]);
  checkEnum(s3Destination?.packaging, "exportConfig.s3Destination.packaging", ["ZIP", "NONE"]);
  if (exportConfigType !== "S3") return { exportConfigType: "NO_EXPORT" };
  if ((s3Destination?.bucket ?? "") === "")
    throw invalid("Invalid export config: the bucket of s3Destination is required");
  return { exportConfigType, s3Destination: { packaging: "NONE", encryptionDisabled: false, ...s3Destination } };
}

/** A group that is not there is deleted already. */
function deleteReportGroup(reports: ReportStore, { arn = "", deleteReports }: Sdk.DeleteReportGroupCommandInput): void {
  const group = reports.groups.get(nameOfReportArn(arn));
  if (group === undefined || group.arn !== arn) return;
  const inside = reports.listReports(group.name);
  if (inside.length > 0 && deleteReports !== true) {
    throw invalid(`Report group has reports: delete them first, or set deleteReports: ${arn}`);
  }
  for (const report of inside) reports.deleteReport(report.arn);
  reports.groups.delete(group.name);
}

function sortedArns(groups: ReportGroupRecord[], { sortBy, sortOrder }: Sdk.ListReportGroupsCommandInput): string[] {
  checkEnum(sortBy, "sortBy", ["NAME", "CREATED_TIME", "LAST_MODIFIED_TIME"]);
  checkEnum(sortOrder, "sortOrder", ["ASCENDING", "DESCENDING"]);
  const key = { CREATED_TIME: "created", LAST_MODIFIED_TIME: "lastModified" } as const;
  const by = sortBy === "CREATED_TIME" || sortBy === "LAST_MODIFIED_TIME" ? key[sortBy] : undefined;
  const sorted = by === undefined ? groups : groups.toSorted((one, other) => one[by] - other[by]);
  const arns = sorted.map(({ arn }) => arn);
  return sortOrder === "DESCENDING" ? arns.reverse() : arns;
}
