import type { PlacedJob } from "../judge/repository.ts";
import type { ReadRepository } from "../read-repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { buildspecSecrets } from "./buildspec-secrets.ts";
import { joinEdits } from "./edit-groups.ts";
import { insertCommand } from "./insert-command.ts";
import { findUnsound, type JobEdits } from "./job-edits.ts";
import { loginCommand } from "./login-command.ts";
import { pullsBeforeLogin } from "./pulling-builds.ts";
import { commandComesLate, gatherEdits, type LeftOver, type PlacedEdit, type Remedy } from "./remedy.ts";
import { loginOfJob, loginOfRunner } from "./service-logins.ts";
import { templateLogin } from "./template-login.ts";

/**
 * Lets each CodeBuild project log in to Docker Hub before its first pull: a secret, the right to read just that one, two
 * variables that CodeBuild fills from it, and the command. A project is changed as a whole or not at all, and only where the
 * files, read again, say that it is logged in.
 */
export function logIn(repository: ReadRepository, { secretName }: { secretName?: string } = {}): Remedy {
  const jobs: JobEdits[] = [];
  const left: LeftOver[] = [...runnerImages(repository)];
  const secrets = new Set<PlacedJob["file"]>();
  for (const { placed, firstPull } of pullsBeforeLogin(repository)) {
    const { file, stepsFile = file, job } = placed;
    if (job.runner !== "codebuild") {
      const { message, snippet } = loginOfJob(job.runner);
      left.push({ file, range: job.range, message: `${job.name}: it pulls anonymously; ${message}`, snippet });
      continue;
    }
    const edits = editsOf(placed, firstPull, { secretName, makesSecret: !secrets.has(file) });
    if (typeof edits === "string") {
      left.push({ file: stepsFile, range: job.range, message: `${job.name}: ${edits}`, snippet: loginCommand });
    } else {
      secrets.add(file);
      jobs.push({ placed, edits });
    }
  }
  const wrong = findUnsound(repository, jobs, (read) => {
    const anonymous = new Set(pullsBeforeLogin(read).map(({ placed }) => placed));
    return (_, after) => !anonymous.has(after);
  });
  left.push(...[...wrong].map(({ placed }) => commandComesLate(placed, loginCommand)));
  const sound = jobs.filter((job) => !wrong.has(job)).map(({ edits }) => edits);
  const groups = joinEdits(sound, (edit) => sharedPlaces(edit, secretName === undefined));
  return { edits: gatherEdits(sound.flat()), left, groups };
}

/** What projects have in common: the buildspec's command, and the secret that a template makes for all of its projects. */
function sharedPlaces({ file, edit }: PlacedEdit, makesSecret: boolean): string[] {
  return makesSecret ? [file.path] : [`${file.path}:${edit.range.start}:${edit.text}`];
}

function editsOf(
  placed: PlacedJob,
  firstPull: number,
  options: { secretName: string | undefined; makesSecret: boolean },
): PlacedEdit[] | string {
  const { file, stepsFile = file } = placed;
  const command = insertCommand(placed, { firstPull, command: loginCommand });
  if (typeof command === "string") return command;
  const secret = provideSecret(placed, options);
  if (typeof secret === "string") return secret;
  return [{ file: stepsFile, edit: command }, ...secret.map((edit) => ({ file, edit }))];
}

/** In the project's template; of a buildspec without one, in itself, from a secret that somebody else makes. */
function provideSecret(
  placed: PlacedJob,
  { secretName, makesSecret }: { secretName: string | undefined; makesSecret: boolean },
): TextEdit[] | string {
  const options = { makesSecret, ...(secretName !== undefined && { secretName }) };
  if (placed.job.codeBuild?.isProject === true) return templateLogin(placed, options);
  if (secretName === undefined) {
    return "no template of this directory has its project: name a secret with the keys username and password by --secret, and let the project's role read it";
  }
  const edit = buildspecSecrets(placed.file, secretName);
  return typeof edit === "string" ? edit : [edit];
}

/** Pulled before the first step: no login of the job covers them. */
function runnerImages({ pulls }: ReadRepository): LeftOver[] {
  const left = pulls.flatMap(({ file, image, job, source, as }): LeftOver[] => {
    if (image.kind !== "runner" || source !== "docker-hub" || as.kind !== "anonymous" || job === undefined) return [];
    const login = loginOfRunner(job.job.runner);
    if (login === undefined) return [];
    return [{ file, range: image.range, message: `${image.written} ${login.message}`, snippet: login.snippet }];
  });
  return [...new Map(left.map((one) => [`${one.file.path}:${one.range.start}`, one])).values()];
}
