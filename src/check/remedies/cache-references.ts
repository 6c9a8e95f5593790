import type { BuildImageStep } from "../build-job.ts";
import type { PlacedStep, Pull, ReadFile } from "../judge/repository.ts";
import type { TextEdit } from "../text-edit.ts";

/**
 * In the build's environment, where Docker Hub's images are: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/docker-hub`. In a Dockerfile an
 * argument of the same name, whose default is Docker Hub itself: whoever builds without it pulls what he did before.
 */
export const hubVariable = "DOCKER_HUB";

export interface PlacedEdit {
  file: ReadFile;
  edit: TextEdit;
}

/** Makes one pull of a build go through the cache; otherwise why not. */
export function referenceEdits(pull: Pull): PlacedEdit[] | string {
  const { image, reference, step } = pull;
  if (reference?.digest !== undefined) {
    return "ECR's cache takes nothing in by a digest: name its tag alone, or pull the tag before";
  }
  if (step === undefined) return "nothing of the build is seen to pull it";
  if (step.step.kind === "pull") return commandEdits(pull, step);
  if (image.kind === "dockerfile-syntax") {
    return `BuildKit pulls it before it reads an ARG: leave the line out, or give the build --build-arg BUILDKIT_SYNTAX=$${hubVariable}/${nameOf(pull, image.written)}`;
  }
  if (step.step.kind !== "build" || image.kind !== "dockerfile" || step.step.isInline === true) {
    return `${step.step.kind === "compose" ? "compose" : "another file"} builds or pulls it: make its name begin with $${hubVariable}/`;
  }
  if (image.site !== "FROM") {
    return `${image.site} takes no variable: name it in a FROM of its own, and copy from that stage`;
  }
  return dockerfileEdits(pull);
}

function dockerfileEdits(pull: Pull): PlacedEdit[] | string {
  const { file, image } = pull;
  if (image.edit === undefined) return "its name is put together from pieces, or decided elsewhere";
  const { range, text } = image.edit;
  const edits = [{ range, text: `\${${hubVariable}}/${nameOf(pull, text)}` }];
  if (!new RegExp(`^ARG[ \\t]+${hubVariable}=`, "im").test(file.text)) {
    const newLine = file.text.includes("\r\n") ? "\r\n" : "\n";
    const at = startOfInstructions(file.text);
    edits.push({ range: { start: at, end: at }, text: `ARG ${hubVariable}=docker.io${newLine}` });
  }
  return edits.map((edit) => ({ file, edit }));
}

/** Behind directives, which must stand first, and the comment at the head of the file. */
function startOfInstructions(text: string): number {
  return /^\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*/.exec(text)?.[0].length ?? 0;
}

function commandEdits(pull: Pull, { step, file }: PlacedStep): PlacedEdit[] | string {
  const { image } = pull;
  const { edit } = image;
  const isInCommand = edit !== undefined && edit.range.start >= step.range.start && edit.range.end <= step.range.end;
  if (!isInCommand) return "its name is decided elsewhere than in the command";
  if (!takesShellVariable(file)) return `${file.kind}: its commands are not edited`;
  const before = file.text.slice(step.range.start, edit.range.start);
  if (before.split("'").length % 2 === 0) return "its name stands in single quotes, where no variable is put in";
  if (isNamedElsewhere(pull, file)) return "other commands call the image by its name: change them together";
  return [{ file, edit: { range: edit.range, text: `$${hubVariable}/${nameOf(pull, edit.text)}` } }];
}

/** `docker tag httpd:2.4 …`, which is no pull, would not find the image any more. */
function isNamedElsewhere({ image }: Pull, file: ReadFile): boolean {
  const pulled = new Set(file.extraction.images.map(({ edit }) => edit?.range.start));
  const name = image.edit?.text ?? image.written;
  for (let at = file.text.indexOf(name); at >= 0; at = file.text.indexOf(name, at + 1)) {
    const isWord = !/[\w./-]/.test(file.text[at - 1] ?? " ") && !/[\w.:/@-]/.test(file.text[at + name.length] ?? " ");
    if (isWord && !pulled.has(at)) return true;
  }
  return false;
}

/** In a Makefile a dollar sign is make's, in a package.json the shell is anybody's. */
function takesShellVariable({ kind }: ReadFile): boolean {
  return /^(?:buildspec|CloudFormation template|shell script)$/.test(kind);
}

/** `--build-arg` without a value takes the environment's, and nothing where that has none. */
export function buildArgumentEdit({
  step,
  file,
}: PlacedStep & { step: BuildImageStep }): PlacedEdit | undefined | string {
  if (step.unknownBuildArguments?.includes(hubVariable)) return undefined;
  if (!/^(?:docker|buildx|podman|buildah)$/.test(step.tool)) return `${step.tool} builds it`;
  if (!takesShellVariable(file)) return `${file.kind}: its commands are not edited`;
  const written = file.text.slice(step.range.start, step.range.end);
  const head = /\b(?:docker|podman|buildah|nerdctl)\b[^|;&\n]*?\s(?:build|bud)(?=\s)/.exec(written);
  if (head === null) return "its command is put together from pieces";
  const at = step.range.start + head.index + head[0].length;
  return { file, edit: { range: { start: at, end: at }, text: ` --build-arg ${hubVariable}` } };
}

/** Docker Hub's own name: a cache adds no `library/`. */
export function nameOf({ isOfficial }: Pull, text: string): string {
  const name = text.replace(
    /^(?:(?:index\.|registry-1\.)?docker\.io\/|registry\.hub\.docker\.com\/)?(?:library\/)?/,
    "",
  );
  return isOfficial ? `library/${name}` : name;
}
