import { formatImageReference, parseImageReference } from "../../oci/image-reference.ts";
import type { BuildImageStep, BuildStep } from "../build-job.ts";
import type { PlacedJob, PlacedStep, Pull, ReadFile, Repository } from "../judge/repository.ts";
import { type ReadRepository, rereadRepository } from "../read-repository.ts";
import { applyEdits, haveOverlap } from "../text-edit.ts";
import { buildArgumentEdits, hubVariable, nameOf, type PlacedEdit, referenceEdits } from "./cache-references.ts";
import { addCache, cacheLines, cacheLinesForCdk, findCachePrefix } from "./cache-resources.ts";
import { insertCommand } from "./insert-command.ts";
import { gatherEdits, type LeftOver, type Remedy } from "./remedy.ts";

/** What one project needs, in its template, its buildspec and its Dockerfiles. */
interface JobEdits {
  placed: PlacedJob;
  edits: PlacedEdit[];
  /** Of its pulls from Docker Hub, those that stay. */
  staying: number;
}

/**
 * Lets each CodeBuild project pull Docker Hub's images through its account's ECR, which keeps them: the rule and its secret, the
 * right to pull through it, its address as a variable, a login to ECR, and the images' names. A project is changed as a
 * whole or not at all, and only where the files, read again, say that its pulls have moved.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export function pullThroughCache(repository: ReadRepository, { secretArn }: { secretArn?: string } = {}): Remedy {
  const jobs: JobEdits[] = [];
  const left: LeftOver[] = [];
  let prefix = findCachePrefix(repository);
  for (const [placed, pulls] of Map.groupBy(pullsFromDockerHub(repository), ({ job }) => job)) {
    const found = placed === undefined ? undefined : editsOfJob(placed, pulls, { secretArn, prefix });
    if (placed === undefined || found === undefined) left.push(...pulls.map(leaveAlone));
    else if (typeof found === "string") left.push(leaveJob(placed, found));
    else {
      left.push(...found.left);
      if (found.edits.length === 0) continue;
      // The rule is the account's: the first template makes it for all.
      prefix ??= "docker-hub";
      jobs.push({ placed, edits: found.edits, staying: found.left.length });
    }
  }
  const wrong = findUnmoved(repository, jobs);
  const kept = jobs.filter((job) => !wrong.has(job));
  const message = "its pulls would not all go through the cache after the edit; mend it by hand";
  left.push(...[...wrong].map(({ placed }) => leaveJob(placed, message)));
  return { edits: gatherEdits(kept.flatMap(({ edits }) => edits)), left };
}

function pullsFromDockerHub({ pulls }: Repository): Pull[] {
  return pulls.filter(({ source }) => source === "docker-hub");
}

/** Undefined for another service's job; the reason where the project cannot be changed. */
function editsOfJob(
  placed: PlacedJob,
  pulls: readonly Pull[],
  options: { secretArn: string | undefined; prefix: string | undefined },
): { edits: PlacedEdit[]; left: LeftOver[] } | string | undefined {
  const { file, job } = placed;
  if (job.runner !== "codebuild") return undefined;
  if (job.codeBuild?.isProject !== true) return "no template of this directory has its project: add the rule there";
  const left: LeftOver[] = [];
  const references: PlacedEdit[] = [];
  for (const pull of pulls) {
    const found = pull.image.kind === "runner" ? environmentImage(pull) : editsOfPull(placed, pull);
    if (typeof found === "string") left.push(leave(pull, found));
    else references.push(...found);
  }
  if (references.length === 0) return { edits: [], left };
  const login = addLogin(placed, pulls);
  if (typeof login === "string") return login;
  const template = addCache(placed, options);
  if (typeof template === "string") return `${template}: add the rule, the permissions and ${hubVariable} by hand`;
  return { edits: [...references, ...login, ...template.map((edit) => ({ file, edit }))], left };
}

function editsOfPull(placed: PlacedJob, pull: Pull): PlacedEdit[] | string {
  const references = referenceEdits(pull);
  if (typeof references === "string" || pull.step?.step.kind !== "build") return references;
  const { context, dockerfile } = pull.step.step;
  // The same Dockerfile may be built more than once, for other targets.
  const builds = placed.steps.filter(
    (one): one is PlacedStep & { step: BuildImageStep } =>
      one.step.kind === "build" && one.step.context === context && one.step.dockerfile === dockerfile,
  );
  const edits: PlacedEdit[] = [...references];
  for (const build of builds) {
    const found = buildArgumentEdits(build, pull);
    if (typeof found === "string") return found;
    edits.push(...found);
  }
  return edits;
}

function environmentImage(pull: Pull): string {
  const address = `\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}/docker-hub/${nameOf(pull, pull.image.written)}`;
  return `it is pulled before the first command: write !Sub "${address}", with ImagePullCredentialsType: SERVICE_ROLE`;
}

/** A login to ECR before the first pull, by the client that pulls, where there is none. */
function addLogin(placed: PlacedJob, pulls: readonly Pull[]): PlacedEdit[] | string {
  const { file, stepsFile = file, job, steps } = placed;
  const pulling = pulls.flatMap(({ step }) => (step === undefined ? [] : [step]));
  const first = steps.findIndex(({ step }) => pulling.some((one) => one.step === step));
  if (hasEcrLogin(steps.slice(0, first))) return [];
  const starts = [
    ...steps.filter((one) => one.file === stepsFile && pulling.some(({ step }) => step === one.step)),
    ...(job.calls ?? []).map((step) => ({ step })),
  ].map(({ step }) => step.range.start);
  const { step, file: pullingFile } = steps[first] ?? {};
  const written = step && pullingFile ? pullingFile.text.slice(step.range.start, step.range.end) : "";
  const client = /^\W*(podman|buildah)\b/.exec(written)?.[1] ?? "docker";
  const edit = insertCommand(placed, { firstPull: Math.min(...starts), command: loginCommand(client) });
  return typeof edit === "string" ? edit : [{ file: stepsFile, edit }];
}

function loginCommand(client: string): string {
  return `aws ecr get-login-password | ${client} login --username AWS --password-stdin "$${hubVariable}"`;
}

/** To the account's own registry, as far as can be seen: its host is mostly a variable. */
function hasEcrLogin(steps: readonly PlacedStep[]): boolean {
  return steps.some(({ step }) => {
    if (step.kind !== "login" || step.userName !== "AWS") return false;
    return step.host === undefined ? false : step.host.includes("$") || /\.dkr\.ecr[.-]/.test(step.host);
  });
}

/** The jobs whose files, edited and read again, do not pull as was meant; with them all that share a file. */
function findUnmoved(repository: ReadRepository, jobs: readonly JobEdits[]): ReadonlySet<JobEdits> {
  const files = gatherEdits(jobs.flatMap(({ edits }) => edits));
  const sound = files.filter(({ edits }) => !haveOverlap(edits));
  const texts = sound.map(({ file, edits }): [string, string] => [file.path, applyEdits(file.text, edits)]);
  const after = rereadRepository(repository, new Map(texts));
  const pulls = pullsFromDockerHub(after);
  const isSame = (one: PlacedJob, other: PlacedJob) =>
    one.file.path === other.file.path && one.job.name === other.job.name;
  const wrong = jobs.filter(({ placed, staying }) => {
    const job = after.jobs.find((one) => isSame(one, placed));
    if (job === undefined || pulls.filter((pull) => pull.job === job).length > staying) return true;
    const first = job.steps.findIndex(({ step }) => isThroughCache(step));
    return first < 0 || !hasEcrLogin(job.steps.slice(0, first));
  });
  const changed = files.filter((one) => {
    const read = after.files.find(({ path }) => path === one.file.path);
    return !sound.includes(one) || (one.file.kind === "Dockerfile" && imagesOf(one.file) !== imagesOf(read));
  });
  const spoilt = new Set([
    ...wrong.flatMap(({ edits }) => edits.map(({ file }) => file)),
    ...changed.map(({ file }) => file),
  ]);
  return new Set(jobs.filter(({ edits }) => edits.some(({ file }) => spoilt.has(file))));
}

/** Built without the argument, a Dockerfile has to come to the images that it came to before. */
function imagesOf(file: ReadFile | undefined): string {
  const names = file?.extraction.images.map(({ reference }) => (reference === undefined ? "" : canonical(reference)));
  return JSON.stringify(names);
}

function canonical(reference: string): string {
  try {
    return formatImageReference(parseImageReference(reference));
  } catch {
    return reference;
  }
}

function isThroughCache(step: BuildStep): boolean {
  if (step.kind === "build") {
    return step.unknownBuildArguments?.some((name) => name === hubVariable || name === "BUILDKIT_SYNTAX") === true;
  }
  return step.kind === "pull" && step.image.written.includes(`$${hubVariable}/`);
}

function leaveJob({ file, stepsFile = file, job }: PlacedJob, message: string): LeftOver {
  return { file: stepsFile, range: job.range, message: `${job.name}: ${message}`, snippet: cacheLines() };
}

function leaveAlone(pull: Pull): LeftOver {
  const { job, file, image } = pull;
  if (file.kind === "CDK source") {
    return { ...leave(pull, "CDK code is not edited: make the rule in it"), snippet: cacheLinesForCdk };
  }
  const left = leave(pull, whyAlone(pull));
  const name = nameOf(pull, image.edit?.text ?? image.written);
  const isOthers = job !== undefined || image.kind === "deployment";
  return { ...left, ...(isOthers && { snippet: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/docker-hub/${name}` }) };
}

function whyAlone({ job, image }: Pull): string {
  if (image.kind === "deployment") return "it is pulled where the service runs: let its role pull through the cache";
  if (job !== undefined) return `${job.job.runner} pulls it: log in to ECR there, and take it from the cache by hand`;
  const argument = `--build-arg ${hubVariable}=ACCOUNT.dkr.ecr.REGION.amazonaws.com/docker-hub`;
  return image.kind === "dockerfile"
    ? `no CodeBuild project here builds it: write ARG ${hubVariable}=docker.io, FROM \${${hubVariable}}/…, and give the build ${argument}`
    : "no CodeBuild project here pulls it";
}

function leave({ file, image }: Pull, message: string): LeftOver {
  return { file, range: image.range, message: `${image.written}: ${message}` };
}
