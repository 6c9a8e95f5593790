import { partOf, type ShellValue, textOf } from "./shell-value.ts";
import type { SimpleCommand } from "./simple-command.ts";
import type { StepSink } from "./step-sink.ts";
import { textsOf } from "./written-text.ts";

/** The Dockerfile that `docker build -` reads from its input. */
export function readDockerfileText(command: SimpleCommand, sink: StepSink): void {
  for (const { kind, ...source } of command.input) {
    if (kind === "text" && "text" in source) readDockerfileValue(command, source.text, sink);
    if (kind === "command" && "command" in source) {
      for (const value of textsOf(source.command)) readDockerfileValue(command, value, sink);
    }
  }
}

/** The images of its `FROM` lines, without those of its own stages. Anything finer is for files. */
export function readDockerfileValue(command: SimpleCommand, value: ShellValue, sink: StepSink): void {
  const stages = new Set<string>();
  for (const line of textOf(value).matchAll(
    /(^|\n|\\n)([ \t]*FROM[ \t]+(?:--platform=\S+[ \t]+)?)([^\s\\]+)(?:[ \t]+AS[ \t]+([^\s\\]+))?/gi,
  )) {
    const [, before = "", keyword = "", image = "", stage] = line;
    const start = line.index + before.length + keyword.length;
    if (!stages.has(image.toLowerCase())) {
      sink.pull(command, partOf(value, start, start + image.length), { kind: "dockerfile", site: "FROM" });
    }
    if (stage !== undefined) stages.add(stage.toLowerCase());
  }
}
