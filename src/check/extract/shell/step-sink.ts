import type { BuildStep, LoginStep, MirrorClient, ScriptCall } from "../../build-job.ts";
import type { ExtractionNote } from "../../extraction.ts";
import type { ImageUse, ImageUseKind } from "../../image-use.ts";
import type { TextRange } from "../../source-file.ts";
import { findWritten, imageUseOfValue, isImageName } from "./image-use-of-value.ts";
import { constantOf, type ShellValue, type ShellVariable, textOf } from "./shell-value.ts";
import type { SimpleCommand } from "./simple-command.ts";

export interface ImageDescription {
  kind?: ImageUseKind;
  site: string;
  platform?: ShellValue | undefined;
}

/** Gathers the steps of a script in the order in which they run; one that a loop repeats is there once. */
export class StepSink {
  steps: BuildStep[] = [];
  images: ImageUse[] = [];
  readonly calls: ScriptCall[] = [];
  /** The images that commands have made. */
  readonly built = new Set<string>();
  readonly notes: ExtractionNote[] = [];
  readonly #file: string | undefined;
  readonly #known = new Set<string>();
  readonly #movable = new Map<ImageUse, readonly ShellVariable[]>();
  readonly #keys = new Map<ImageUse, string>();

  /** `file`: the text that all places lead to, where a script is not read as it is written in it (make's `$(IMAGE)`). */
  constructor(file?: string) {
    this.#file = file;
  }

  add(step: BuildStep): void {
    const key = JSON.stringify(step);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.steps.push(step);
    if (step.kind === "pull") this.images.push(step.image);
  }

  /** A pull of the image that an argument names. What the script has made itself is only pulled by that very word. */
  pull(command: SimpleCommand, value: ShellValue | undefined, description: ImageDescription): void {
    if (value === undefined || !isImageName(value)) return;
    if (!/\bpull$/.test(description.site) && command.scope.builtImages.has(imageKey(value))) return;
    this.#addPull(command, this.imageOf(value, description));
  }

  /** The use of an image whose edit is taken back in the end where it would change more than the image. */
  imageOf(value: ShellValue, { platform, kind = "command", site }: ImageDescription): ImageUse {
    const constantPlatform = platform && constantOf(platform);
    const description = { kind, site, ...(constantPlatform !== undefined && { platform: constantPlatform }) };
    const image = imageUseOfValue(value, description);
    if (this.#file !== undefined) image.written = this.#file.slice(image.range.start, image.range.end);
    this.#movable.set(image, value.through);
    this.#keys.set(image, imageKey(value));
    return image;
  }

  /** A pull that a command makes of itself: `localstack start`. */
  pullImplied(command: SimpleCommand, image: Pick<ImageUse, "reference" | "registryHint" | "site">): void {
    this.#addPull(command, { kind: "tool", ...findWritten(command.place), ...image });
  }

  #addPull(command: SimpleCommand, image: ImageUse): void {
    this.add({ kind: "pull", range: rangeOf(command), image, ...(command.isRetried && { retried: true }) });
  }

  login(command: SimpleCommand, login: Omit<LoginStep, "kind" | "range">): void {
    this.add({ kind: "login", range: rangeOf(command), ...login, ...(command.mayFail && { mayFail: true }) });
  }

  call(command: SimpleCommand, path: string, target?: string): void {
    const call = {
      range: rangeOf(command),
      path,
      ...(target !== undefined && { target }),
      stepsBefore: this.steps.length,
    };
    const key = `${call.path} ${call.target} ${call.range.start}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.calls.push(call);
  }

  mirror(command: SimpleCommand, url: string | undefined, client: MirrorClient): void {
    this.add({ kind: "mirror", range: rangeOf(command), url, client });
  }

  /** The tag is kept apart from the file: an image that is built here is not pulled later. */
  addBuilt(command: SimpleCommand, value: ShellValue | undefined): void {
    if (value === undefined) return;
    const key = imageKey(value);
    this.built.add(key);
    command.scope.builtImages.add(key);
    for (const variable of value.through) variable.isMixed = true;
  }

  /** Takes back the images that are run, and are built elsewhere; one that is pulled by that word is pulled. */
  withoutRuns(built: ReadonlySet<string>): void {
    const isRun = (image: ImageUse) => /(?:run|create)$/.test(image.site) && built.has(this.#keys.get(image) ?? "");
    this.steps = this.steps.filter((step) => step.kind !== "pull" || !isRun(step.image));
    this.images = this.images.filter((image) => !isRun(image));
  }

  /** Takes back the edits of texts that are a part of another text too. To be called once, when all is read. */
  withoutMixedEdits(): void {
    for (const [image, through] of this.#movable) {
      if (through.some(({ isMixed }) => isMixed)) delete image.edit;
    }
  }
}

export function rangeOf({ place }: SimpleCommand): TextRange {
  const all = { start: 0, end: place.text.length };
  return place.findRange(all) ?? place.nearestRange(all);
}

/** Variables stay as they are written, so that `docker build -t $APP` makes `docker run $APP` no pull. */
function imageKey(value: ShellValue): string {
  const name = textOf(value).replace(/\$\{(\w+)\}/g, "$$$1");
  const hasTag = /[:@][^/]*$/.test(name);
  return hasTag ? name : `${name}:latest`;
}
