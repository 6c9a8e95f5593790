import { relative } from "node:path";
import type { ArtifactsBlock } from "../../../buildspec/buildspec.ts";
import type { BuildRun } from "../run/build-run.ts";
import { evaluateInShell } from "../shell/evaluate-in-shell.ts";

/** Variables and `$(…)` in a block are the shell's, as it stands at the end of the build: `x-$(date +%F)`. */
export async function evaluateBlock(
  run: BuildRun,
  block: ArtifactsBlock,
  sourceDirectory: string,
): Promise<ArtifactsBlock> {
  const texts = [block.baseDirectory, block.name, block.s3Prefix, ...block.files, ...block.excludePaths];
  const given = texts.filter((text) => text !== undefined);
  const evaluate = await evaluatePaths(run, given, sourceDirectory);
  const evaluateGiven = (text: string | undefined) => (text === undefined ? undefined : evaluate(text));
  return {
    ...block,
    files: block.files.map(evaluate),
    excludePaths: block.excludePaths.map(evaluate),
    baseDirectory: evaluateGiven(block.baseDirectory),
    name: evaluateGiven(block.name),
    s3Prefix: evaluateGiven(block.s3Prefix),
  };
}

/** What each of the texts is worth in the build's shell, from the source directory: `$CODEBUILD_SRC_DIR/dist` is `dist`. */
export async function evaluatePaths(
  run: BuildRun,
  texts: readonly string[],
  sourceDirectory: string,
): Promise<(text: string) => string> {
  const values = await evaluateTexts(run, texts);
  return (text) => {
    const value = values[texts.indexOf(text)] ?? text;
    const isBelow = value === sourceDirectory || value.startsWith(`${sourceDirectory}/`);
    return isBelow ? relative(sourceDirectory, value) || "." : value;
  };
}

/** What texts are worth in the build's shell; those without `$` and backquote are what they are. */
export async function evaluateTexts(run: BuildRun, texts: readonly string[]): Promise<string[]> {
  const open = [...new Set(texts.filter((text) => /[$`]/.test(text)))];
  const values = await evaluateInShell(run, open.map(wordOf));
  return texts.map((text) => (open.includes(text) ? (values[open.indexOf(text)] ?? text) : text));
}

/** One word in double quotes. Inside of `$(…)` quotes count anew. */
function wordOf(text: string): string {
  return `"${text.includes("$(") ? text : text.replaceAll('"', '\\"')}"`;
}
