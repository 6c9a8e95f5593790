import assert from "node:assert/strict";
import type { FileReader } from "../../src/check/extraction.ts";
import type { ImageUse } from "../../src/check/image-use.ts";
import { describeStep } from "./describe-steps.ts";
import { checkReaderContract } from "./file-reader-contract.ts";

/** What a reader finds, in lines for tests, after its contract has held. */
export function readChecked(reader: FileReader, path: string, text: string) {
  const file = { path, text };
  assert.ok(reader.isFor(file), `${reader.kind} is for ${path}`);
  checkReaderContract(reader, file);
  const { images, jobs, notes } = reader.read(file);
  return {
    images: images.map(describeImage),
    jobs: Object.fromEntries(
      jobs.map(({ name, runnerImages, steps, selfHosted }) => [
        name,
        [
          ...(selfHosted ? ["self-hosted"] : []),
          ...runnerImages.map(({ image, hasCredentials }) => `${nameOf(image)}${hasCredentials ? " with login" : ""}`),
          ...steps.map(describeStep),
        ],
      ]),
    ),
    notes: notes.map(({ message }) => message),
  };
}

/** `containers.image nginx:1`; `~` before what is changed without its tag, `-` before what is not changed in one place. */
function describeImage(image: ImageUse): string {
  const { site, edit, splitEdit, hasCredentials } = image;
  const mark = edit?.holds === "reference" ? "" : edit?.holds === "repository" ? "~" : splitEdit ? "~~" : "-";
  return `${site} ${mark}${nameOf(image)}${hasCredentials ? " with login" : ""}`;
}

function nameOf({ reference, written, registryHint }: ImageUse): string {
  return reference ?? `${written} of ${registryHint ?? "?"}`;
}
