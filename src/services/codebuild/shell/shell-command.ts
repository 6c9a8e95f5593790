import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Buildspec } from "../../../buildspec/buildspec.ts";
import type { BuildEnvironment, Terminal } from "../environment/environment.ts";

/**
 * How buildspec 0.2 carries state: every command is a shell process of its own, and variables and the working directory
 * travel by file. So plain assignments persist (and are exported, by `set -a`); functions, aliases, `set -e` and traps do
 * not; a command that calls `exit` loses its changes. The command stands on line 4 of the script, which is the line that
 * builds on AWS show in the shell's error messages. Version 0.1 carries nothing from one command to the next.
 */
export interface ShellSession {
  /** Resolves with the exit status. */
  run(command: string, call: ShellCall): Promise<number>;
  /** A shell for a person, with the directory and variables that the next command would find, or those of the state given. */
  attach(terminal: Terminal, call: AttachCall): Promise<number>;
}

export interface ShellCall {
  variables: Record<string, string>;
  /** CODEBUILD_BUILD_SUCCEEDING, which changes while the state file remembers its old value. */
  succeeding: boolean;
  /** Of `run-as`. */
  user?: string | undefined;
  onOutput(chunk: Buffer): void;
  signal: AbortSignal;
}

export interface AttachCall extends Omit<ShellCall, "onOutput"> {
  state?: StateFiles;
}

/** Names of files in the environment's temporary directory. */
export interface StateFiles {
  variables: string;
  directory: string;
}

const carried: StateFiles = { variables: "env.sh", directory: "dir.txt" };
const scriptName = "script.sh";
const attachedName = "attached.sh";

export function openShellSession(
  environment: BuildEnvironment,
  { shell, version }: Pick<Buildspec, "shell" | "version">,
  /** Further files of the temporary directory that commands write, whoever runs them. */
  otherFiles: readonly string[] = [],
): ShellSession {
  const local = (name: string) => join(environment.local.temporaryDirectory, name);
  const inside = (name: string) => `${environment.temporaryDirectory}/${name}`;
  const environmentFile = quoteForShell(inside(carried.variables));
  const forget = () => {
    writeFileSync(local(carried.variables), "", { mode: 0o600 });
    writeFileSync(local(carried.directory), environment.sourceDirectory, { mode: 0o600 });
  };
  // `$(cat dir.txt)` would say the same for one process more; only the newline that `pwd` ends with is cut off.
  const directoryIn = (file: string) => quoteForShell(readFileSync(local(file), "utf8").replace(/\n$/, ""));
  /** A command may have removed the files, or put something else in their place: later ones begin anew. */
  const restore = () => {
    const isFile = (name: string) => lstatSync(local(name), { throwIfNoEntry: false })?.isFile();
    const isSpoilt = isFile(scriptName) === false || !isFile(carried.variables) || !isFile(carried.directory);
    if (!isSpoilt) return;
    for (const name of Object.values({ ...carried, scriptName })) rmSync(local(name), { recursive: true, force: true });
    mkdirSync(environment.local.temporaryDirectory, { recursive: true, mode: 0o755 });
    forget();
    holder = undefined;
  };
  forget();
  let holder: string | undefined;
  /** Root reads and writes the files whoever holds them, so they change hands only to another user. */
  const handTo = async (user: string) => {
    if (user === holder) return;
    for (const name of [scriptName, attachedName]) writeFileSync(local(name), "", { mode: 0o700, flag: "a" });
    const names = [carried.variables, carried.directory, scriptName, attachedName, ...otherFiles];
    await environment.admitUser(user, names.map(inside));
    holder = user;
  };
  return {
    async run(command, { succeeding, ...call }) {
      if (version === "0.1") forget();
      else restore();
      if (call.user !== undefined) await handTo(call.user);
      const files = { environmentFile, directoryFile: quoteForShell(inside(carried.directory)) };
      const script = scriptOf(command, { ...files, directory: directoryIn(carried.directory), succeeding });
      writeFileSync(local(scriptName), script, { mode: 0o700 });
      return environment.run({ shell, file: inside(scriptName), ...call });
    },
    async attach(terminal, { succeeding, state = carried, ...call }) {
      if (call.user !== undefined) await handTo(call.user);
      // What a person types better is bash, where the environment has it; the state is that of any shell.
      const script = `cd ${directoryIn(state.directory)}
set -a
. ${quoteForShell(inside(state.variables))}; CODEBUILD_BUILD_SUCCEEDING=${succeeding ? 1 : 0}
set +a
if command -v bash >/dev/null 2>&1; then exec bash -i; fi
exec sh -i
`;
      writeFileSync(local(attachedName), script, { mode: 0o700 });
      return environment.attach({ shell, file: inside(attachedName), terminal, ...call });
    },
  };
}

/** Words of a shell, but for `succeeding`. */
interface ScriptState {
  environmentFile: string;
  directoryFile: string;
  directory: string;
  succeeding: boolean;
}

function scriptOf(command: string, { environmentFile, directoryFile, directory, succeeding }: ScriptState): string {
  return `exec 2>&1; cd ${directory}
set -a
. ${environmentFile}; CODEBUILD_BUILD_SUCCEEDING=${succeeding ? 1 : 0}
${command}
CODEBUILD_LAST_EXIT=$?
export -p > ${environmentFile}
pwd > ${directoryFile}
exit $CODEBUILD_LAST_EXIT
`;
}

/** One word of a POSIX shell, whatever is in it. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
