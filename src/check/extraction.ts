import type { BuildJob } from "./build-job.ts";
import type { ImageUse } from "./image-use.ts";
import type { SourceFile, TextRange } from "./source-file.ts";

/** What a file says about pulls. */
export interface Extraction {
  images: readonly ImageUse[];
  /** The images of their steps are in `images` too: the same objects. */
  jobs: readonly BuildJob[];
  /** What could not be read, and was passed over. */
  notes: readonly ExtractionNote[];
  /** ECR's rules that keep another registry's images under a prefix. */
  pullThroughCaches?: readonly PullThroughCache[];
  /**
   * Names that Skaffold and Tilt give what they build: in the manifests and Dockerfiles below their own file they put the
   * built image in for them.
   */
  builtImages?: readonly string[];
  /** Secrets that a template makes. */
  secrets?: readonly DeclaredSecret[];
}

export interface DeclaredSecret {
  logicalId: string;
  /** With `${Name}` for what only the stack decides; undefined where AWS makes one up. */
  name?: string;
  range: TextRange;
}

export interface PullThroughCache {
  /** `ROOT` stands for none. */
  prefix: string;
  isDockerHub: boolean;
  range: TextRange;
}

export interface ExtractionNote {
  /** What and why: `the YAML is not well-formed: …`. */
  message: string;
  range: TextRange;
}

/** One kind of file. Readers are pure: text in, references with their places out; they never throw for what is in a file. */
export interface FileReader {
  /** For people and `--json`: `Dockerfile`, `buildspec`, `CloudFormation template`. */
  kind: string;
  /** By the path, and where that does not decide, by what the text begins with or holds. */
  isFor(file: SourceFile): boolean;
  /** ASCII, of which one is in each file that it knows by its content: what holds none need not be decoded to be asked. */
  words?: readonly string[];
  read(file: SourceFile): Extraction;
}

export const emptyExtraction: Extraction = { images: [], jobs: [], notes: [] };

export function joinExtractions(extractions: readonly Extraction[]): Extraction {
  const [only] = extractions;
  if (only !== undefined && extractions.length === 1) return only;
  return {
    images: extractions.flatMap(({ images }) => images),
    jobs: extractions.flatMap(({ jobs }) => jobs),
    notes: extractions.flatMap(({ notes }) => notes),
    pullThroughCaches: extractions.flatMap(({ pullThroughCaches = [] }) => pullThroughCaches),
    builtImages: extractions.flatMap(({ builtImages = [] }) => builtImages),
    secrets: extractions.flatMap(({ secrets = [] }) => secrets),
  };
}
