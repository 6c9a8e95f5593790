import type { BuildStep, ScriptCall } from "../../build-job.ts";
import type { ExtractionNote } from "../../extraction.ts";
import type { ImageUse } from "../../image-use.ts";
import type { MappedText } from "../../mapped-text.ts";
import { isWorthReading } from "./candidates.ts";
import { ScriptWalker } from "./script-walker.ts";
import { type ShellContext, ShellScope } from "./shell-scope.ts";
import { StepSink } from "./step-sink.ts";

export interface ShellReading {
  /** Those of the steps: the same objects. */
  images: readonly ImageUse[];
  /** In the order in which they run, as far as that is constant. */
  steps: readonly BuildStep[];
  calls: readonly ScriptCall[];
  /** What the script leaves to one that runs after it in the same shell. */
  after: ShellContext;
  notes: readonly ExtractionNote[];
}

/** What a script does with registries. `context` holds what is constant before it begins. */
export function readShell(source: MappedText, context: ShellContext): ShellReading {
  const session = openShellSession(context);
  session.read(source);
  return session.finish();
}

/** Commands that run one after the other and share variables and directory, as those of a buildspec. */
export interface ShellSession {
  read(source: MappedText, options?: { mayFail?: boolean }): void;
  /** Functions, unlike variables, do not outlive the process. */
  forgetFunctions(): void;
  /** To be called once, at the end. */
  finish(): ShellReading;
}

export function openShellSession(context: ShellContext, sink = new StepSink()): ShellSession {
  const scope = new ShellScope(context);
  const called = new Set<string>();
  const walker = new ScriptWalker(sink, called);
  return {
    read(source, { mayFail = false } = {}) {
      if (isWorthReading(source.text)) walker.walkText(source, scope, { isRetried: false, mayFail, input: [] });
    },
    forgetFunctions() {
      walker.walkUncalled(scope);
      scope.functions.clear();
    },
    finish() {
      walker.walkUncalled(scope);
      sink.withoutMixedEdits();
      return { images: sink.images, steps: sink.steps, calls: sink.calls, notes: sink.notes, after: scope.context() };
    },
  };
}
