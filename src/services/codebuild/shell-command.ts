import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEnvironment } from "./environment.ts";

/**
 * How buildspec 0.2 carries state: every command is a shell process of its own, and variables and the working directory
 * travel by file. So plain assignments persist (and are exported, by `set -a`); functions, aliases, `set -e` and traps do
 * not; a command that calls `exit` loses its changes. The command stands on line 4 of the script, which is the line that
 * builds on AWS show in the shell's error messages.
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

export function openShellSession(environment: BuildEnvironment, shell: "sh" | "bash"): ShellSession {
  const local = (name: string) => join(environment.local.temporaryDirectory, name);
  const inside = (name: string) => `${environment.temporaryDirectory}/${name}`;
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const [environmentFile, directoryFile] = [inside("env.sh"), inside("dir.txt")].map(quote);
  writeFileSync(local("env.sh"), "", { mode: 0o600 });
  writeFileSync(local("dir.txt"), environment.sourceDirectory);
  return {
    run(command, { succeeding, ...call }) {
      const script = `exec 2>&1; cd "$(cat ${directoryFile})"
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
