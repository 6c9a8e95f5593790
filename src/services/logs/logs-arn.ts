/** Where a group lies. */
export interface LogPlace {
  region: string;
  account: string;
}

/** Without the `:*` that DescribeLogGroups adds to the member `arn`. */
export function logGroupArn({ region, account }: LogPlace, group: string): string {
  return `arn:aws:logs:${region}:${account}:log-group:${group}`;
}

/**
 * What permissions on a stream are asked on. AWS asks for actions on a group with an empty stream name, so that
 * policies must end in `:*`: "not authorized to perform: logs:DescribeLogGroups on resource: …:log-group::log-stream:".
 */
export function logStreamArn(place: LogPlace, group: string, stream = ""): string {
  return `${logGroupArn(place, group)}:log-stream:${stream}`;
}
