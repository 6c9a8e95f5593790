import type { PlacedJob, Repository } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { pullsBeforeLogin } from "./anonymous-builds.ts";
import { buildspecSecrets } from "./buildspec-secrets.ts";
import { insertLoginCommand, loginCommand } from "./login-command.ts";
import { gatherEdits, type LeftOver, type Remedy } from "./remedy.ts";
import { templateLogin } from "./template-login.ts";

/**
 * Lets each CodeBuild project log in to Docker Hub before its first pull: a secret, the right to read just that one, two
 * variables that CodeBuild fills from it, and the command. A project is changed as a whole or not at all.
 */
export function logIn(repository: Repository, { secretName }: { secretName?: string } = {}): Remedy {
  const edits: { file: PlacedJob["file"]; edit: TextEdit }[] = [];
  const left: LeftOver[] = [];
  const secrets = new Set<PlacedJob["file"]>();
  for (const { placed, firstPull } of pullsBeforeLogin(repository)) {
    const { file, stepsFile = file, job } = placed;
    if (job.runner !== "codebuild") {
      left.push({
        file,
        range: job.range,
        message: `${job.name} (${job.runner}) pulls from Docker Hub without a login: log in with the secrets of that service before its first pull`,
        snippet: loginCommand,
      });
      continue;
    }
    const command = insertLoginCommand(placed, firstPull);
    const secret = provideSecret(placed, { secretName, makesSecret: !secrets.has(file) });
    const why = typeof command === "string" ? command : secret;
    if (typeof command === "string" || typeof secret === "string") {
      left.push({ file: stepsFile, range: job.range, message: `${job.name}: ${why}`, snippet: loginCommand });
      continue;
    }
    secrets.add(file);
    edits.push({ file: stepsFile, edit: command }, ...secret.map((edit) => ({ file, edit })));
  }
  return { edits: gatherEdits(edits), left };
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
