import type { BuildStep } from "../../build-job.ts";
import type { ExtractionNote } from "../../extraction.ts";
import type { ImageUse } from "../../image-use.ts";
import type { MappedText } from "../../mapped-text.ts";
import { ScriptWalker } from "./script-walker.ts";
import { type ShellContext, ShellScope } from "./shell-scope.ts";
import { StepSink } from "./step-sink.ts";

export interface ShellReading {
  /** Those of the steps: the same objects. */
  images: readonly ImageUse[];
  /** In the order in which they run, as far as that is constant. */
  steps: readonly BuildStep[];
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
      return { images: sink.images, steps: sink.steps, notes: sink.notes, after: scope.context() };
    },
  };
}

/** Words of which one is in every command that this reader knows. */
const candidates =
  /docker|podman|buildah|nerdctl|finch|skopeo|crane|regctl|oras|\bctr\b|crictl|\bimg\b|kaniko|executor|\bsam\b|localstack|trivy|grype|syft|\bdive\b|dockle|snyk|\bpack\b|\bkind\b|oci:\/\/|registries\.conf|buildkit|get-login|auth\.json/;

/** Whether a text says anything about registries: the others need no parser. */
export function holdsShellCandidate(text: string): boolean {
  return candidates.test(text);
}

/** Sets a variable, changes the directory, defines or runs something that another command has brought. */
function isWorthReading(text: string): boolean {
  return holdsShellCandidate(text) || /=|\b(?:cd|pushd|popd|read|unset|shift)\b|\$|\(\)/.test(text);
}
