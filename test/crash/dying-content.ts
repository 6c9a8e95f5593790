// A content store whose process dies at a chosen moment, as by `kill -9`.
import type { ContentStore, ContentWriter, FinishSteps } from "../../src/store/content-store.ts";

export const moments = ["announced", "in place", "recorded"] as const;
export type Moment = (typeof moments)[number];
/** Blobs are written in several steps, manifests in one. */
export type Subject = "blob" | "manifest";

/** Dies once the content that is written next is announced, is in its place, or is on record. */
export function dyingContent(content: ContentStore, subject: Subject, moment: Moment): ContentStore {
  const die = () => void process.kill(process.pid, "SIGKILL");
  const dyingSteps = (steps: FinishSteps = {}): FinishSteps => ({
    ...steps,
    announce(digest) {
      steps.announce?.(digest);
      if (moment === "announced") die();
    },
    record(stored) {
      if (moment === "in place") die();
      steps.record?.(stored);
      if (moment === "recorded") die();
    },
  });
  if (subject === "manifest") {
    return { ...content, write: (body, expected, steps) => content.write(body, expected, dyingSteps(steps)) };
  }
  const dying = (writer: ContentWriter): ContentWriter => ({
    id: writer.id,
    get size() {
      return writer.size;
    },
    append: writer.append,
    sync: writer.sync,
    discard: writer.discard,
    finish: (expected, steps) => writer.finish(expected, dyingSteps(steps)),
  });
  return { ...content, startWrite: async () => dying(await content.startWrite()) };
}
