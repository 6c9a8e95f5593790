import type { BuildImageStep } from "../build-job.ts";
import type { PlacedStep, Pull, ReadFile } from "../judge/repository.ts";
import { findDockerHubName } from "./docker-hub-name.ts";
import type { PlacedEdit } from "./remedy.ts";

/**
 * In the build's environment, where Docker Hub's images are: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/docker-hub`. In a Dockerfile an
 * argument of the same name, whose default is Docker Hub itself: whoever builds without it pulls what he did before.
 */
export const hubVariable = "DOCKER_HUB";

/** Makes one pull of a build go through the cache; otherwise why not. */
export function referenceEdits(pull: Pull): PlacedEdit[] | string {
  const { image, reference, step } = pull;
  if (reference?.digest !== undefined) {
    return "ECR's cache takes nothing in by a digest: name its tag alone, or pull the tag before";
  }
  if (step === undefined) return "nothing of the build is seen to pull it";
  if (step.step.kind === "pull") return commandEdits(pull, step);
  // BuildKit pulls it before it reads an ARG: the build's own argument takes its place.
  if (image.kind === "dockerfile-syntax") return [];
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
  const edits = [{ range, text: `\${${hubVariable}}/${nameInCache(text)}` }];
  if (!declaresHub(file.text)) {
    const newLine = file.text.includes("\r\n") ? "\r\n" : "\n";
    const at = startOfInstructions(file.text);
    edits.push({ range: { start: at, end: at }, text: `ARG ${hubVariable}=docker.io${newLine}` });
  }
  return edits.map((edit) => ({ file, edit }));
}

/** Before the first `FROM`, where alone it counts for that. */
function declaresHub(text: string): boolean {
  const [head = ""] = text.split(/^[ \t]*FROM[ \t]/im);
  return new RegExp(`^[ \\t]*ARG[ \\t]+${hubVariable}=`, "im").test(head);
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
  return [{ file, edit: { range: edit.range, text: `$${hubVariable}/${nameInCache(edit.text)}` } }];
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

/** The arguments that make a build take its images from the cache; otherwise why it cannot be given them. */
export function buildArgumentEdits(build: PlacedStep & { step: BuildImageStep }, pull: Pull): PlacedEdit[] | string {
  const { step, file } = build;
  const isSyntax = pull.image.kind === "dockerfile-syntax";
  const argument = isSyntax ? `BUILDKIT_SYNTAX=$${hubVariable}/${nameInCache(pull.image.written)}` : hubVariable;
  const [name = ""] = argument.split("=");
  if (step.unknownBuildArguments?.includes(name)) return [];
  if (!/^(?:docker|buildx|podman|buildah)$/.test(step.tool)) return `${step.tool} builds it: ${byHand(argument)}`;
  if (!takesShellVariable(file)) return `${file.kind}: its commands are not edited: ${byHand(argument)}`;
  // Without a value an argument takes the environment's, and nothing where that has none. This one would be spoilt there.
  if (isSyntax && file.kind === "shell script") return `a script builds it: ${byHand(argument)}`;
  const written = file.text.slice(step.range.start, step.range.end);
  const head = /\b(?:docker|podman|buildah|nerdctl)\b[^|;&\n]*?\s(?:build|bud)(?=\s)/.exec(written);
  if (head === null) return `its command is put together from pieces: ${byHand(argument)}`;
  const at = step.range.start + head.index + head[0].length;
  return [{ file, edit: { range: { start: at, end: at }, text: ` --build-arg ${argument}` } }];
}

function byHand(argument: string): string {
  return `give it --build-arg ${argument}`;
}

/** A cache adds no `library/`; what is not constant stays as it is written. */
export function nameInCache(text: string): string {
  return findDockerHubName(text) ?? text;
}
