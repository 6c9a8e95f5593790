import type { BuildJob } from "../build-job.ts";
import { type Extraction, emptyExtraction, type FileReader } from "../extraction.ts";
import type { ImageUse, ImageUseKind } from "../image-use.ts";
import { wholeText } from "../mapped-text.ts";
import type { SourceFile } from "../source-file.ts";
import { findImageArgument, imageUseInCode, openSourceCode, type SourceCode } from "./source-code.ts";
import { readYaml } from "./yaml-nodes.ts";

const sourceName = /\.(?:[cm]?[jt]sx?|py|java|cs|go|kt)$/;
const candidates = ["romRegistry", "rom_registry", "romDockerRegistry", "rom_docker_registry"];

/** The functions that take an image's name, in each language of the CDK, and who pulls it. */
const calls: readonly { pattern: RegExp; kind: ImageUseKind; site: string }[] = [
  {
    pattern: /BuildImage[._](?:fromDockerRegistry|from_docker_registry|FromDockerRegistry)\(/g,
    kind: "runner",
    site: "BuildImage.fromDockerRegistry",
  },
  {
    pattern: /ContainerImage[._](?:fromRegistry|from_registry|FromRegistry)\(/g,
    kind: "deployment",
    site: "ContainerImage.fromRegistry",
  },
  // Bundling runs in it where the app is synthesised.
  {
    pattern: /DockerImage[._](?:fromRegistry|from_registry|FromRegistry)\(/g,
    kind: "tool",
    site: "DockerImage.fromRegistry",
  },
];

/** Infrastructure as a program: only what is written as a string is found. */
export const cdkSourceReader: FileReader = {
  kind: "CDK source",
  isFor({ path, text }: SourceFile): boolean {
    return sourceName.test(path) && candidates.some((word) => text.includes(word));
  },
  words: candidates,
  read({ path, text }: SourceFile): Extraction {
    const source = openSourceCode(path, text);
    const images = calls.flatMap(({ pattern, ...description }) =>
      [...source.code.matchAll(pattern)].flatMap((match): ImageUse[] => {
        const at = match.index + match[0].length;
        const argument = findImageArgument(source, at);
        if (argument === undefined) return [];
        const hasCredentials = namesCredentials(source, at);
        return [imageUseInCode(source, argument, { ...description, ...(hasCredentials && { hasCredentials }) })];
      }),
    );
    return { ...emptyExtraction, images };
  },
};

/** `credentials`, `secretsManagerCredentials` among the arguments of a call. */
function namesCredentials({ code }: SourceCode, at: number): boolean {
  let depth = 1;
  let end = at;
  for (; depth > 0 && end < code.length && end - at < 2000; end++) {
    if (code[end] === "(") depth++;
    else if (code[end] === ")") depth--;
  }
  return /credentials/i.test(code.slice(at, end));
}

/** What `cdk synth` writes for `cdk deploy`: the images that it will build. */
export const cdkAssetsReader: FileReader = {
  kind: "CDK asset manifest",
  isFor({ path, text }: SourceFile): boolean {
    return path.endsWith(".assets.json") && text.includes('"dockerImages"');
  },
  read({ text }: SourceFile): Extraction {
    const { documents, notes } = readYaml(wholeText(text.replaceAll("\t", " ")));
    const jobs = documents.flatMap(({ root, find, entriesOf, textOf, rangeOf }) =>
      entriesOf(find(root, "dockerImages")).flatMap(({ key, value }): BuildJob[] => {
        const textAt = (name: string) => textOf(find(value, "source", name))?.text;
        const context = textAt("directory");
        const target = textAt("dockerBuildTarget");
        if (context === undefined) return [];
        const range = rangeOf(value);
        const buildArguments = entriesOf(find(value, "source", "dockerBuildArgs")).map((entry) => [
          entry.key,
          textOf(entry.value)?.text ?? "",
        ]);
        const step = {
          kind: "build" as const,
          range,
          tool: "docker" as const,
          context,
          dockerfile: `${context}/${textAt("dockerFile") ?? "Dockerfile"}`,
          ...(target !== undefined && { target }),
          buildArguments: Object.fromEntries(buildArguments),
        };
        return [{ runner: "script", name: key, range, runnerImages: [], steps: [step] }];
      }),
    );
    return { ...emptyExtraction, jobs, notes };
  },
};
