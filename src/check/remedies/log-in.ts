import type { PlacedJob, Repository } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";
import { pullsBeforeLogin } from "./anonymous-builds.ts";
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
    const template = templateLogin(placed, { ...(secretName && { secretName }), makesSecret: !secrets.has(file) });
    const why = typeof command === "string" ? command : template;
    if (typeof command === "string" || typeof template === "string") {
      left.push({ file: stepsFile, range: job.range, message: `${job.name}: ${why}`, snippet: loginCommand });
      continue;
    }
    secrets.add(file);
    edits.push({ file: stepsFile, edit: command }, ...template.map((edit) => ({ file, edit })));
  }
  return { edits: gatherEdits(edits), left };
}
