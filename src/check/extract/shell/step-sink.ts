import type { BuildStep, LoginStep } from "../../build-job.ts";
import type { ExtractionNote } from "../../extraction.ts";
import type { ImageUse, ImageUseKind } from "../../image-use.ts";
import type { TextRange } from "../../source-file.ts";
import { imageUseOfValue, isImageName } from "./image-use-of-value.ts";
import { constantOf, type ShellValue, type ShellVariable, textOf } from "./shell-value.ts";
import type { SimpleCommand } from "./simple-command.ts";

export interface ImageDescription {
  kind?: ImageUseKind;
  site: string;
  platform?: ShellValue | undefined;
}

/** Gathers the steps of a script in the order in which they run; one that a loop repeats is there once. */
export class StepSink {
  readonly steps: BuildStep[] = [];
  readonly images: ImageUse[] = [];
  readonly notes: ExtractionNote[] = [];
  readonly #known = new Set<string>();
  readonly #movable = new Map<ImageUse, readonly ShellVariable[]>();

  add(step: BuildStep): void {
    const key = JSON.stringify(step);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.steps.push(step);
    if (step.kind === "pull") this.images.push(step.image);
  }

  /** A pull of the image that an argument names, unless the script has made the image itself. */
  pull(
    command: SimpleCommand,
    value: ShellValue | undefined,
    { platform, kind = "command", site }: ImageDescription,
  ): void {
    if (value === undefined || !isImageName(value) || command.scope.builtImages.has(imageKey(value))) return;
    const constantPlatform = platform && constantOf(platform);
    const description = { kind, site, ...(constantPlatform !== undefined && { platform: constantPlatform }) };
    const image = imageUseOfValue(value, description);
    this.#movable.set(image, value.through);
    this.#addPull(command, image);
  }

  /** A pull that a command makes of itself: `localstack start`. */
  pullImplied(command: SimpleCommand, image: Pick<ImageUse, "reference" | "registryHint" | "site">): void {
    const [start, end] = [0, command.place.text.length];
    const range = command.place.findRange({ start, end }) ?? command.place.nearestRange({ start, end });
    this.#addPull(command, { kind: "tool", written: command.place.text, range, ...image });
  }

  #addPull(command: SimpleCommand, image: ImageUse): void {
    this.add({ kind: "pull", range: rangeOf(command), image, ...(command.isRetried && { retried: true }) });
  }

  login(command: SimpleCommand, login: Omit<LoginStep, "kind" | "range">): void {
    this.add({ kind: "login", range: rangeOf(command), ...login, ...(command.mayFail && { mayFail: true }) });
  }

  mirror(command: SimpleCommand, url: string | undefined): void {
    this.add({ kind: "mirror", range: rangeOf(command), url });
  }

  /** The tag is kept apart from the file: an image that is built here is not pulled later. */
  built(command: SimpleCommand, value: ShellValue | undefined): void {
    if (value !== undefined) command.scope.builtImages.add(imageKey(value));
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
