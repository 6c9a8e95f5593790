import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Buildspec } from "../../../buildspec/buildspec.ts";
import type { BuildEnvironment } from "../environment/environment.ts";

/**
 * How buildspec 0.2 carries state: every command is a shell process of its own, and variables and the working directory
 * travel by file. So plain assignments persist (and are exported, by `set -a`); functions, aliases, `set -e` and traps do
 * not; a command that calls `exit` loses its changes. The command stands on line 4 of the script, which is the line that
 * builds on AWS show in the shell's error messages. Version 0.1 carries nothing from one command to the next.
 */
export interface ShellSession {
  /** Resolves with the exit status. */
  run(command: string, call: ShellCall): Promise<number>;
}

export interface ShellCall {
  variables: Record<string, string>;
  /** CODEBUILD_BUILD_SUCCEEDING, which changes while the state file remembers its old value. */
  succeeding: boolean;
  onOutput(chunk: Buffer): void;
  signal: AbortSignal;
}

export function openShellSession(
  environment: BuildEnvironment,
  { shell, version }: Pick<Buildspec, "shell" | "version">,
): ShellSession {
  const local = (name: string) => join(environment.local.temporaryDirectory, name);
  const inside = (name: string) => `${environment.temporaryDirectory}/${name}`;
  const environmentFile = quoteForShell(inside("env.sh"));
  const directoryFile = quoteForShell(inside("dir.txt"));
  const forget = () => {
    writeFileSync(local("env.sh"), "", { mode: 0o600 });
    writeFileSync(local("dir.txt"), environment.sourceDirectory);
  };
  forget();
  return {
    run(command, { succeeding, ...call }) {
      if (version === "0.1") forget();
      // `$(cat dir.txt)` would say the same for one process more; only the newline that `pwd` ends with is cut off.
      const directory = readFileSync(local("dir.txt"), "utf8").replace(/\n$/, "");
      const script = `exec 2>&1; cd ${quoteForShell(directory)}
set -a
. ${environmentFile}; CODEBUILD_BUILD_SUCCEEDING=${succeeding ? 1 : 0}
${command}
CODEBUILD_LAST_EXIT=$?
export -p > ${environmentFile}
pwd > ${directoryFile}
exit $CODEBUILD_LAST_EXIT
`;
      writeFileSync(local("script.sh"), script, { mode: 0o700 });
      return environment.run({ shell, file: inside("script.sh"), ...call });
    },
  };
}

/** One word of a POSIX shell, whatever is in it. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
