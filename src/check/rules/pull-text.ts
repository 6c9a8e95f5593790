import { formatImageReference } from "../../oci/image-reference.ts";
import type { Pull } from "../judge/repository.ts";
import { type Finding, type Level, levels, type RelatedPlace, type Rule } from "./rule.ts";

/** `docker.io/library/httpd:2.4`, or what the file says where that is not constant. */
export function nameOf({ reference, image }: Pull): string {
  return reference === undefined ? image.written : formatImageReference(reference);
}

export function requestsOf({ countedRequests }: Pull): string {
  return `up to ${countedRequests} counted requests`;
}

/** An official image has a copy in ECR Public, and only into a job a login can be put. One text for all: there may be many findings. */
const remedies = {
  official: {
    ofJob:
      "log in, take the same image from ECR Public, or pull through a cache (chubo fix --remedy login, ecr-public, pull-through-cache or gateway)",
    ofNobody:
      "log in, take the same image from ECR Public, or pull through a cache (chubo fix --remedy ecr-public, pull-through-cache or gateway)",
  },
  other: {
    ofJob: "log in, or pull through a cache (chubo fix --remedy login, pull-through-cache or gateway)",
    ofNobody: "log in, or pull through a cache (chubo fix --remedy pull-through-cache or gateway)",
  },
};

/** For a hint. */
export function remediesFor({ isOfficial, job }: Pull): string {
  return remedies[isOfficial ? "official" : "other"][job === undefined ? "ofNobody" : "ofJob"];
}

interface PullText {
  message: string;
  hint: string;
  /** Where it is not the rule's own. */
  level?: Level;
}

/** One finding for each image at each place, however many jobs pull it: what is told is the worst of them. */
export function findingsOf(
  { code, level }: Pick<Rule, "code" | "level">,
  pulls: readonly Pull[],
  textOf: (pull: Pull) => PullText,
): Finding[] {
  const groups = Map.groupBy(pulls, (pull) => `${pull.file.path}:${pull.image.range.start} ${nameOf(pull)}`);
  return [...groups.values()].flatMap((group) => {
    const told = group.map((pull) => ({ pull, text: { level, ...textOf(pull) } }));
    const [worst] = told.toSorted((a, b) => levels.indexOf(a.text.level) - levels.indexOf(b.text.level));
    if (worst === undefined) return [];
    const { pull, text } = worst;
    const related = distinctPlaces(group.flatMap(placesOf));
    return [{ code, ...text, file: pull.file, range: pull.image.range, pull, related }];
  });
}

/** Who pulls an image that another file names: the step, and the job where that stands in a third one. */
function placesOf({ job, step, file }: Pull): RelatedPlace[] {
  if (job === undefined) return [];
  const { name } = job.job;
  const places: RelatedPlace[] = [];
  if (step !== undefined && step.file !== file) {
    places.push({ message: `pulled by this step of ${name}`, file: step.file, range: step.step.range });
  }
  if (job.file !== file && job.file !== step?.file) {
    places.push({ message: `in the builds of ${name}`, file: job.file, range: job.job.range });
  }
  return places;
}

function distinctPlaces(places: readonly RelatedPlace[]): RelatedPlace[] {
  return [...new Map(places.map((place) => [`${place.file.path}:${place.range.start}`, place])).values()];
}
