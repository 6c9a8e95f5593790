import type { RunObserver, StackProgress } from "../server/run-observer.ts";
import { type FailedOutput, openFailedOutput } from "./failed-output.ts";
import { openLineReader } from "./line-reader.ts";
import type { Terminal } from "./terminal.ts";

/** What shows a run, and knows afterwards what the command that failed has said last. */
export interface RunView extends RunObserver {
  /** Of a batch, of one of its builds. */
  findFailedOutput(buildId?: string): string | undefined;
}

/** Shows a run live: stacks a line each, then the build's log as CodeBuild writes it, agent lines dimmed. */
export function openRunView(terminal: Terminal): RunView {
  const failed = openFailedOutput();
  const printLog = logPrinter(terminal, failed);
  const patience = openPatience(terminal);
  return {
    findFailedOutput: failed.find,
    onNote: (text) => terminal.line(terminal.style("dim", `· ${text}`)),
    onStackStart: (stackName, file) =>
      terminal.line(`${terminal.style("bold", `Stack ${stackName}`)} ${terminal.style("dim", file)}`),
    onStackEvent: (event) => printStackEvent(terminal, event),
    onBuildStart: ({ id }) => terminal.line(terminal.style("bold", `Build ${id}`)),
    // The log itself says where a phase begins and ends; before there is a log, silence would look like a stop.
    onPhase: ({ phaseType, phaseStatus }) => {
      patience.end();
      if (phaseType === "PROVISIONING" && phaseStatus === undefined) {
        patience.begin(
          "still preparing the environment: starting the container engine, or pulling the project's image",
        );
      }
    },
    onLog: printLog,
  };
}

function printStackEvent(terminal: Terminal, event: StackProgress): void {
  const isEnd = event.status.endsWith("_COMPLETE") || event.status.endsWith("_FAILED");
  const isStack = event.resourceType === "AWS::CloudFormation::Stack";
  if (!isEnd || (isStack && event.status === "CREATE_COMPLETE")) return;
  const failed = event.status.endsWith("_FAILED") || event.status.includes("ROLLBACK");
  const mark = failed ? terminal.style("red", "✗") : terminal.style("green", "✓");
  const name = `${event.logicalId} ${terminal.style("dim", event.resourceType)}`;
  const status = event.status === "CREATE_COMPLETE" ? "" : ` ${event.status}`;
  terminal.line(`  ${mark} ${name}${status}${event.reason === undefined ? "" : `: ${event.reason}`}`);
}

/** Says what is going on where it takes longer than a second. */
function openPatience(terminal: Terminal) {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin(text: string) {
      timer = setTimeout(() => terminal.line(terminal.style("dim", `· ${text}`)), 1000).unref();
    },
    end: () => clearTimeout(timer),
  };
}

/** Prints whole lines; the commands' bytes pass unchanged. */
function logPrinter(terminal: Terminal, failed: FailedOutput): (text: string) => void {
  const read = openLineReader();
  return (text) => {
    for (const line of read(text)) {
      failed.onLine(line);
      terminal.line(colourLogLine(terminal, line));
    }
  };
}

/** Dims CodeBuild's own lines and colours the ones that tell of a failure. */
export function colourLogLine(terminal: Terminal, line: string): string {
  if (!line.startsWith("[Container] ")) return line;
  if (/Command did not exit successfully|State: FAILED|status code: \S/.test(line)) return terminal.style("red", line);
  if (/ (Entering phase|Phase is) /.test(line)) return terminal.style("cyan", line);
  return terminal.style("dim", line);
}
