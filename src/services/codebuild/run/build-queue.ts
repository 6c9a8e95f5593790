import { AwsError } from "../../../aws-api/aws-error.ts";

/** Which builds run, and which wait for another one's end. */
export interface BuildQueue {
  /**
   * Undefined where the build may run at once; else resolves when it may. Rejects with the signal's reason. Throws
   * AwsError AccountLimitExceededException where it may not even wait.
   */
  enter(request: QueueRequest, signal: AbortSignal): Promise<void> | undefined;
  /** The build has ended: the next may run. */
  leave(buildId: string): void;
}

export interface QueueRequest {
  buildId: string;
  projectName: string;
  /** `concurrentBuildLimit` of the project. */
  projectLimit: number | undefined;
  /** A build that nobody asked for by StartBuild (of a batch, or a retry) waits where another one would be refused. */
  isPatient: boolean;
}

/** As many builds wait as may run, five times over. https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html */
const queueFactor = 5;

interface Waiting extends QueueRequest {
  admit(): void;
}

/**
 * `limit` is the account's: how many builds this machine runs at once. Who waits longest comes first, but for builds whose
 * project is at its own limit.
 */
export function openBuildQueue(limit: number): BuildQueue {
  const running = new Map<string, QueueRequest>();
  const waiting: Waiting[] = [];
  const activeOf = (projectName: string) => {
    const mine = (request: QueueRequest) => request.projectName === projectName;
    return [...running.values()].filter(mine).length;
  };
  const hasRoom = ({ projectName, projectLimit = Number.POSITIVE_INFINITY }: QueueRequest) =>
    running.size < limit && activeOf(projectName) < projectLimit;
  const admitNext = () => {
    for (let index = waiting.findIndex(hasRoom); index >= 0; index = waiting.findIndex(hasRoom)) {
      for (const next of waiting.splice(index, 1)) next.admit();
    }
  };
  return {
    enter(request, signal) {
      if (!request.isPatient) checkLimits(request, activeOf(request.projectName), waiting, limit);
      const waitsBefore = waiting.some((other) => hasRoom(other));
      if (!waitsBefore && hasRoom(request)) {
        running.set(request.buildId, request);
        return undefined;
      }
      return new Promise((resolve, reject) => {
        const entry: Waiting = {
          ...request,
          admit() {
            running.set(request.buildId, request);
            resolve();
          },
        };
        waiting.push(entry);
        const giveUp = () => {
          const index = waiting.indexOf(entry);
          if (index >= 0) waiting.splice(index, 1);
          reject(signal.reason);
        };
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
    leave(buildId) {
      if (running.delete(buildId)) admitNext();
    },
  };
}

/** The error's name is AWS's; of its sentences the second is one that builds on AWS have shown, the first a guess. */
function checkLimits(
  { projectName, projectLimit }: QueueRequest,
  active: number,
  waiting: readonly QueueRequest[],
  limit: number,
): void {
  const refuse = (message: string) => new AwsError("AccountLimitExceededException", message);
  if (projectLimit !== undefined) {
    const queued = waiting.filter((other) => other.projectName === projectName).length;
    if (active + queued >= projectLimit) {
      throw refuse(`Cannot have more than ${projectLimit} active builds for the project ${projectName}`);
    }
  }
  if (waiting.length >= queueFactor * limit) {
    throw refuse(`Cannot have more than ${queueFactor * limit} builds in queue for the account`);
  }
}
