import type { BuildJob } from "../build-job.ts";
import type { Extraction, ExtractionNote } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";

/** What a reader gathers on its way through a file. */
export interface Findings {
  jobs: BuildJob[];
  notes: ExtractionNote[];
  builtImages: string[];
  /** One place that several jobs come to, by an alias or a template, is one use: the one that was found first. */
  addImage(use: ImageUse): ImageUse;
  extraction(): Extraction;
}

export function openFindings(fileText: string): Findings {
  const images = new Map<string, ImageUse>();
  const jobs: BuildJob[] = [];
  const notes: ExtractionNote[] = [];
  const builtImages: string[] = [];
  return {
    jobs,
    notes,
    builtImages,
    addImage(use) {
      const key = `${use.range.start} ${use.range.end} ${use.edit?.range.start} ${use.kind} ${use.reference}`;
      const known = images.get(key);
      if (known !== undefined) return known;
      // A scalar that is folded over lines is written otherwise than it is read.
      const placed = { ...use, written: fileText.slice(use.range.start, use.range.end) };
      images.set(key, placed);
      return placed;
    },
    extraction: () => ({
      ...{ images: [...images.values()], jobs, notes },
      ...(builtImages.length > 0 && { builtImages }),
    }),
  };
}
