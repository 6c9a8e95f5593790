import type * as Sdk from "@aws-sdk/client-codebuild";
import { AwsError } from "../../../aws-api/aws-error.ts";
import type { CallContext, Operation, Operations, Permission } from "../../../aws-api/service.ts";
import { invalid } from "./project-input.ts";

/** Reserved machines (fleets) and machines to try things on (sandboxes) are not here: there are none, and none can be made. */
export function machineOperations() {
  const on = (operation: string): Permission[] => [{ action: `codebuild:${operation}`, resource: "*" }];
  const refuse = (operation: string, what: string): Operation<object, never> => ({
    permissions: () => on(operation),
    run() {
      throw invalid(`Chubo does not support ${what} (codebuild:${operation}; see docs/deviations.md)`);
    },
  });
  const missing = (what: string) => (_input: object, _context: CallContext) => {
    throw new AwsError("ResourceNotFoundException", `There are no ${what}`);
  };
  return {
    ListFleets: { permissions: () => on("ListFleets"), run: () => ({ fleets: [] }) },
    BatchGetFleets: {
      permissions: () => on("BatchGetFleets"),
      run: ({ names = [] }) => ({ fleets: [], fleetsNotFound: names }),
    },
    CreateFleet: refuse("CreateFleet", "compute fleets"),
    UpdateFleet: refuse("UpdateFleet", "compute fleets"),
    DeleteFleet: refuse("DeleteFleet", "compute fleets"),
    ListSandboxes: { permissions: () => on("ListSandboxes"), run: () => ({ ids: [] }) },
    ListSandboxesForProject: { permissions: () => on("ListSandboxesForProject"), run: () => ({ ids: [] }) },
    BatchGetSandboxes: {
      permissions: () => on("BatchGetSandboxes"),
      run: ({ ids = [] }) => ({ sandboxes: [], sandboxesNotFound: ids }),
    },
    StartSandbox: refuse("StartSandbox", "sandboxes"),
    StartSandboxConnection: refuse("StartSandboxConnection", "sandboxes"),
    StopSandbox: { permissions: () => on("StopSandbox"), run: missing("sandboxes") },
    StartCommandExecution: refuse("StartCommandExecution", "sandboxes"),
    BatchGetCommandExecutions: {
      permissions: () => on("BatchGetCommandExecutions"),
      run: ({ commandExecutionIds = [] }) => ({
        commandExecutions: [],
        commandExecutionsNotFound: commandExecutionIds,
      }),
    },
    ListCommandExecutionsForSandbox: {
      permissions: () => on("ListCommandExecutionsForSandbox"),
      run: missing("sandboxes"),
    },
  } satisfies Operations<typeof Sdk>;
}
