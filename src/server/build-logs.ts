import { AwsError } from "../aws-api/aws-error.ts";
import type { Authorizer, Principal } from "../aws-api/service.ts";
import type { BuildLogSink } from "../services/codebuild/collaborators.ts";
import { openLogStream } from "../services/logs/log-stream-writer.ts";
import { logGroupArn, logStreamArn } from "../services/logs/logs-arn.ts";
import type { LogsStore } from "../services/logs/logs-store.ts";

export interface BuildLogsOptions {
  logs: LogsStore;
  authorizer: Authorizer;
  account: string;
  region: string;
  now(): Date;
  newRequestId(): string;
}

/** Opens a build's log stream as the build's role, which needs the three actions that CodeBuild's agent uses. */
export function openBuildLogs({ logs, authorizer, account, region, now, newRequestId }: BuildLogsOptions) {
  return async (group: string, stream: string, principal: Principal): Promise<BuildLogSink> => {
    const place = { account, region };
    const needed = [
      { action: "logs:CreateLogGroup", resource: logGroupArn(place, group) },
      { action: "logs:CreateLogStream", resource: logStreamArn(place, group, stream) },
      { action: "logs:PutLogEvents", resource: logStreamArn(place, group, stream) },
    ];
    const context = {
      service: "logs",
      operation: "PutLogEvents",
      requestId: newRequestId(),
      region,
      account,
      principal,
    };
    const denial = authorizer.authorize(context, needed);
    if (denial !== undefined) throw new AwsError("AccessDeniedException", denial.message);
    const writer = openLogStream({ logs, now }, { ...place, group, stream });
    return { write: writer.write, close: async () => writer.close() };
  };
}
