import { AwsError } from "../aws-api/aws-error.ts";
import type { Authorizer, Principal } from "../aws-api/service.ts";
import type { BuildLogSink } from "../services/codebuild/collaborators.ts";
import type { Logs } from "../services/logs/logs.ts";

export interface BuildLogsOptions {
  logs: Logs;
  authorizer: Authorizer;
  account: string;
  region: string;
  newRequestId(): string;
}

/** Opens a build's log stream as the build's role, which needs the actions that CodeBuild's agent uses. */
export function openBuildLogs({ logs, authorizer, account, region, newRequestId }: BuildLogsOptions) {
  return async (group: string, stream: string, principal: Principal): Promise<BuildLogSink> => {
    const target = { region, account, group, stream };
    const context = {
      service: "logs",
      operation: "PutLogEvents",
      requestId: newRequestId(),
      region,
      account,
      principal,
    };
    const denial = authorizer.authorize(context, logs.permissionsToWrite(target));
    if (denial !== undefined) throw new AwsError("AccessDeniedException", denial.message);
    const writer = logs.openLogStream(target);
    return { write: writer.write, close: async () => writer.close() };
  };
}
