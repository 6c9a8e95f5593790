import type { PlacedJob, ReadFile, Repository } from "../judge/repository.ts";
import { type ReadRepository, rereadRepository } from "../read-repository.ts";
import { haveOverlap } from "../text-edit.ts";
import { gatherEdits, type PlacedEdit, textsAfter } from "./remedy.ts";

/** What one job needs, in all of its files: it is changed as a whole or not at all. */
export interface JobEdits {
  placed: PlacedJob;
  edits: readonly PlacedEdit[];
}

/**
 * The jobs that are not as was meant once their files are edited and read again; with them all that share a file. `judge` gets
 * what was read, and says of one job in it whether it is.
 */
export function findUnsound<Job extends JobEdits>(
  repository: ReadRepository,
  jobs: readonly Job[],
  judge: (read: Repository) => (job: Job, after: PlacedJob) => boolean,
): ReadonlySet<Job> {
  const files = gatherEdits(jobs.flatMap(({ edits }) => edits));
  const written = files.filter(({ edits }) => !haveOverlap(edits));
  const read = rereadRepository(repository, textsAfter(written));
  const isSound = judge(read);
  const wrong = jobs.filter((job) => {
    const after = read.jobs.filter((one) => isSame(one, job.placed));
    return after.length === 0 || !after.every((one) => isSound(job, one));
  });
  const spoilt = new Set([
    ...wrong.flatMap(({ edits }) => edits.map(({ file }) => file)),
    ...files.filter((one) => !written.includes(one)).map(({ file }) => file),
    ...written.filter(({ file }) => isReadWorse(file, read)).map(({ file }) => file),
  ]);
  return new Set(jobs.filter(({ edits }) => edits.some(({ file }) => spoilt.has(file))));
}

function isSame(one: PlacedJob, other: PlacedJob): boolean {
  return one.file.path === other.file.path && one.job.name === other.job.name;
}

/** Whether a file, read again after an edit, is not read as well as before. */
export function isReadWorse(before: ReadFile, { files }: Repository): boolean {
  const after = files.find(({ path }) => path === before.path);
  return after === undefined || after.extraction.notes.length > before.extraction.notes.length;
}
