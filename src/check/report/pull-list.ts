import { formatImageReference } from "../../oci/image-reference.ts";
import type { Pull, PullSource } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { placer } from "./placed-finding.ts";

const sourceNames: Record<PullSource, string> = {
  "docker-hub": "Docker Hub",
  "other-registry": "another registry",
  curated: "kept by AWS",
  "pull-through-cache": "ECR pull-through cache",
  "not-constant": "not constant",
};

/** One line for each image that is pulled: where, which, from where, as whom, by what. */
export function formatPullList({ pulls }: ReadRepository): string {
  const placeOf = placer();
  const lines = pulls.map((pull) => {
    const { file, line } = placeOf(pull.file, pull.image.range);
    return { key: `${file}\0${String(line).padStart(9)}`, text: `${file}:${line}\t${describe(pull)}\n` };
  });
  return lines
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ text }) => text)
    .join("");
}

function describe({ image, reference, source, as, job }: Pull): string {
  const name = reference === undefined ? image.written : formatImageReference(reference);
  const whose = source === "docker-hub" ? `, ${as.kind === "unknown" ? "as whoever pulls it" : `as ${whoOf(as)}`}` : "";
  return [
    name,
    `${sourceNames[source]}${whose}`,
    job === undefined ? image.site : `${image.site}, ${job.job.name}`,
  ].join("\t");
}

function whoOf(as: Pull["as"]): string {
  return as.kind === "account" ? (as.userName ?? "an account") : "anonymous";
}
