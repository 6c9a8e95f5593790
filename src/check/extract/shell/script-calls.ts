import type { CommandReader } from "./run-command.ts";
import { constantOf, type ShellValue, textOf } from "./shell-value.ts";
import type { SimpleCommand } from "./simple-command.ts";
import type { StepSink } from "./step-sink.ts";

/** Runners of recipes: the file that each takes its recipes from. */
export const recipeRunners: Readonly<Record<string, CommandReader>> = {
  make: (command, { sink }) => callRecipes(command, sink, { file: "Makefile", folderOption: "-C", fileOption: "-f" }),
  gmake: (command, { sink }) => callRecipes(command, sink, { file: "Makefile", folderOption: "-C", fileOption: "-f" }),
  just: (command, { sink }) => callRecipes(command, sink, { file: "justfile", folderOption: "-d", fileOption: "-f" }),
  task: (command, { sink }) =>
    callRecipes(command, sink, { file: "Taskfile.yml", folderOption: "-d", fileOption: "-t" }),
  npm: callPackageScript,
  pnpm: callPackageScript,
  yarn: callPackageScript,
  source: (command, { sink }) => callFile(command, command.words[1], sink),
  ".": (command, { sink }) => callFile(command, command.words[1], sink),
};

interface RecipeRunner {
  file: string;
  folderOption: string;
  fileOption: string;
}

function callRecipes(command: SimpleCommand, sink: StepSink, runner: RecipeRunner): void {
  let { file } = runner;
  let folder = ".";
  const targets: string[] = [];
  for (let index = 1; index < command.words.length; index++) {
    const text = textOf(command.words[index] as ShellValue);
    const next = command.words[index + 1];
    if (text === runner.folderOption && next !== undefined) folder = textOf(command.words[++index] as ShellValue);
    else if (text === runner.fileOption && next !== undefined) file = textOf(command.words[++index] as ShellValue);
    else if (/^[\w][\w./:-]*$/.test(text)) targets.push(text);
  }
  const path = command.scope.resolvePath(`${folder}/${file}`);
  if (path === undefined || path.includes("$")) return;
  if (targets.length === 0) sink.call(command, path);
  for (const target of targets) sink.call(command, path, target);
}

/** `npm run build`, `yarn build`, `npm --prefix web test`. */
function callPackageScript(...[command, { sink }]: Parameters<CommandReader>): void {
  const words = command.words.slice(1).map(textOf);
  const at = words.findIndex((word) => word === "--prefix" || word === "--cwd" || word === "-C");
  const folder = at < 0 ? "." : (words[at + 1] ?? ".");
  const names = words.filter((word, index) => /^[a-z]/i.test(word) && (at < 0 || index !== at + 1));
  const [first, second] = names;
  const target = first === "run" || first === "run-script" ? second : first;
  const path = command.scope.resolvePath(`${folder}/package.json`);
  const isOwn =
    target !== undefined &&
    !/^(?:install|ci|add|i|publish|pack|audit|config|exec|login|set|link|cache|global)$/.test(target);
  if (isOwn && path !== undefined && !path.includes("$")) sink.call(command, path, target);
}

/** `./ci/build.sh`, `bash ci/build.sh`. */
export function callFile(command: SimpleCommand, word: ShellValue | undefined, sink: StepSink): void {
  const path = word && constantOf(word);
  if (path === undefined || path.startsWith("/") || path.startsWith("~")) return;
  const isScript = /\.(?:sh|bash)$/.test(path) || (path.includes("/") && !/\.\w+$/.test(path));
  const resolved = isScript ? command.scope.resolvePath(path) : undefined;
  if (resolved !== undefined) sink.call(command, resolved);
}
