import type { BuildImageStep } from "../build-job.ts";
import type { FileReader } from "../extraction.ts";
import type { ImageUse } from "../image-use.ts";
import { wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { readDockerfile } from "./dockerfile/read-dockerfile.ts";

/** By itself a Dockerfile has no job: whoever builds it is found by its path. */
export const dockerfileReader: FileReader = {
  kind: "Dockerfile",
  isFor: isDockerfile,
  read(file) {
    const { images, notes } = readDockerfile(wholeText(file.text));
    return { images, jobs: [], notes };
  },
};

/** The images that one build of the Dockerfile pulls: with the build's arguments, of the stages that its builder needs. */
export function readDockerfileBuild(file: SourceFile, step: BuildImageStep): ImageUse[] {
  const { buildArguments, unknownBuildArguments = [], target, contexts } = step;
  const options = {
    ...{ buildArguments, unknownBuildArguments },
    ...(target && { target }),
    ...(contexts && { contexts }),
  };
  const isBuildKit = !/^(?:kaniko|podman|buildah)$/.test(step.tool);
  return readDockerfile(wholeText(file.text), options).images.filter(({ stage }) => {
    // Others take `# syntax=` for a comment.
    if (stage === undefined) return isBuildKit;
    return stage.pulledBy === "all" || (stage.pulledBy === "classic" && step.tool === "kaniko");
  });
}

const fileName = /(?:^|[/._-])(?:docker|container)file(?:[._-][^/]*)?$/i;
const exactName = /(?:^|\/)(?:Docker|Container)file$/i;
/** What is about Dockerfiles, or quotes them. */
const otherKind = /\.(?:dockerignore|containerignore|md|markdown|rst|adoc|html?|snap|diff|patch|json|ya?ml)$/i;
const template = /\.(?:j2|jinja2?|tmpl|tpl|template|gotmpl|erb|in|mustache|m4)$/i;

function isDockerfile({ path, text }: SourceFile): boolean {
  if (!fileName.test(path) || otherKind.test(path)) return false;
  return (
    exactName.test(path) || beginsLikeDockerfile(text) || (template.test(path) && /^[ \t]*FROM[ \t]+\S/im.test(text))
  );
}

/** `Dockerfile.go` may be a Dockerfile for Go, and `dockerfile.py` begin with `from x import y`. */
function beginsLikeDockerfile(text: string): boolean {
  const start = /^\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*/.exec(text)?.[0].length ?? 0;
  return /^[ \t]*(?:FROM[ \t]+(?!\S+[ \t]+import\b)\S|FROM[ \t]*\\|ARG[ \t]+[A-Za-z_\\])/i.test(
    text.slice(start, start + 300),
  );
}
