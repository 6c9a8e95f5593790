import type { BuildImageStep, BuildStep } from "../build-job.ts";
import type { PlacedJob, PlacedStep, Pull, ReadFile, Repository } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import { buildArgumentEdits, hubVariable, nameInCache, referenceEdits } from "./cache-references.ts";
import {
  addCache,
  addressOf,
  type CacheOptions,
  cacheLines,
  cacheLinesForCdk,
  findCachePrefix,
  pathBelow,
} from "./cache-resources.ts";
import { canonicalName } from "./docker-hub-name.ts";
import { insertCommand } from "./insert-command.ts";
import { findUnsound, type JobEdits } from "./job-edits.ts";
import { firstOf } from "./pulling-builds.ts";
import { gatherEdits, type LeftOver, type PlacedEdit, type Remedy } from "./remedy.ts";

interface MovedJob extends JobEdits {
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
  const options = { secretArn, prefix: findCachePrefix(repository) };
  const unmoved = new Set<PlacedJob>();
  // Without a project that is left, the next one's template may have to make the rule.
  for (;;) {
    const { jobs, left } = editsOfJobs(repository, options, unmoved);
    const wrong = findUnsound(repository, jobs, judgeMoved);
    if (wrong.size === 0) return { edits: gatherEdits(jobs.flatMap(({ edits }) => edits)), left };
    for (const { placed } of wrong) unmoved.add(placed);
  }
}

function editsOfJobs(
  repository: ReadRepository,
  { secretArn, prefix: known }: CacheOptions,
  unmoved: ReadonlySet<PlacedJob>,
): { jobs: MovedJob[]; left: LeftOver[] } {
  const jobs: MovedJob[] = [];
  const left: LeftOver[][] = [];
  let prefix = known;
  for (const [placed, pulls] of Map.groupBy(pullsFromDockerHub(repository), ({ job }) => job)) {
    const found = placed === undefined ? undefined : editsOfJob(placed, pulls, { secretArn, prefix });
    if (placed === undefined || found === undefined) left.push(pulls.map((pull) => leaveAlone(pull, known)));
    else if (typeof found === "string") left.push([leaveJob(placed, found)]);
    else if (unmoved.has(placed)) left.push([leaveJob(placed, unmovedMessage)]);
    else {
      left.push(found.left);
      if (found.edits.length === 0) continue;
      // The rule is the account's: the first template makes it for all.
      prefix ??= "docker-hub";
      jobs.push({ placed, edits: found.edits, staying: found.left.length });
    }
  }
  return { jobs, left: left.flat() };
}

const unmovedMessage = "its pulls would not all go through the cache after the edit; mend it by hand";

function pullsFromDockerHub({ pulls }: Repository): Pull[] {
  return pulls.filter(({ source }) => source === "docker-hub");
}

/** Undefined for another service's job; the reason where the project cannot be changed. */
function editsOfJob(
  placed: PlacedJob,
  pulls: readonly Pull[],
  options: CacheOptions,
): { edits: PlacedEdit[]; left: LeftOver[] } | string | undefined {
  const { file, job } = placed;
  if (job.runner !== "codebuild") return undefined;
  if (job.codeBuild?.isProject !== true) return "no template of this directory has its project: add the rule there";
  const left: LeftOver[] = [];
  const references: PlacedEdit[] = [];
  for (const pull of pulls) {
    const found = pull.image.kind === "runner" ? environmentImage(pull, options.prefix) : editsOfPull(placed, pull);
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

function environmentImage({ image }: Pull, prefix: string | undefined): string {
  const address = `${addressOf(pathBelow(prefix))}/${nameInCache(image.written)}`;
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
  const edit = insertCommand(placed, { firstPull: firstOf(starts), command: loginCommand(client) });
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

/** Of an edited job in the files that were read again: no more of its pulls than were left go to Docker Hub, and a login to ECR comes before the first through the cache. */
function judgeMoved(read: Repository): (job: MovedJob, after: PlacedJob) => boolean {
  const direct = Map.groupBy(pullsFromDockerHub(read), ({ job }) => job);
  const files = new Map(read.files.map((file) => [file.path, file]));
  return ({ edits, staying }, after) => {
    if ((direct.get(after)?.length ?? 0) > staying) return false;
    const first = after.steps.findIndex(({ step }) => isThroughCache(step));
    if (first < 0 || !hasEcrLogin(after.steps.slice(0, first))) return false;
    return edits.every(({ file }) => file.kind !== "Dockerfile" || namesOf(file) === namesOf(files.get(file.path)));
  };
}

/** Built without the argument, a Dockerfile has to come to the images that it came to before. */
function namesOf(file: ReadFile | undefined): string {
  return JSON.stringify(file?.extraction.images.map(canonicalName));
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

function leaveAlone(pull: Pull, prefix: string | undefined): LeftOver {
  const { job, file, image } = pull;
  if (file.kind === "CDK source") {
    return { ...leave(pull, "CDK code is not edited: make the rule in it"), snippet: cacheLinesForCdk };
  }
  const cache = `ACCOUNT.dkr.ecr.REGION.amazonaws.com${pathBelow(prefix)}`;
  const left = leave(pull, whyAlone(pull, cache));
  const isOthers = job !== undefined || image.kind === "deployment";
  return { ...left, ...(isOthers && { snippet: `${cache}/${nameInCache(image.edit?.text ?? image.written)}` }) };
}

function whyAlone({ job, image }: Pull, cache: string): string {
  if (image.kind === "deployment") return "it is pulled where the service runs: let its role pull through the cache";
  if (job !== undefined) return `${job.job.runner} pulls it: log in to ECR there, and take it from the cache by hand`;
  const argument = `--build-arg ${hubVariable}=${cache}`;
  return image.kind === "dockerfile"
    ? `no CodeBuild project here builds it: write ARG ${hubVariable}=docker.io, FROM \${${hubVariable}}/…, and give the build ${argument}`
    : "no CodeBuild project here pulls it";
}

function leave({ file, image }: Pull, message: string): LeftOver {
  return { file, range: image.range, message: `${image.written}: ${message}` };
}
