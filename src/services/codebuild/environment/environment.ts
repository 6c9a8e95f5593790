/** Where a build's commands run: a private directory of this machine, or a container of the project's image. */
export interface BuildEnvironment {
  /** For people: "host, private directory" or the image and engine. */
  description: string;
  /** `/codebuild/output/src123456789/src` in a container; below a private directory on the host. */
  sourceDirectory: string;
  /** `/codebuild/output/tmp`: state of the shell model, as the commands see it. */
  temporaryDirectory: string;
  /** Where `sourceDirectory` and `temporaryDirectory` are found by this process. */
  local: { sourceDirectory: string; temporaryDirectory: string };
  /** Variables that this environment brings: PATH, HOME, proxy, certificates, engine. */
  variables: Record<string, string>;
  /** Runs `SHELL FILE` and resolves with its exit status (128+n for a signal) when that process has ended. */
  run(command: ShellCommand): Promise<number>;
  /** Ends whatever still runs, and removes what was made. */
  close(): Promise<void>;
}

export interface ShellCommand {
  shell: "sh" | "bash";
  /** Path of the script, as the environment sees it. */
  file: string;
  /** The whole environment of the process. */
  variables: Record<string, string>;
  /** Raw bytes of stdout and stderr, in order of arrival. */
  onOutput(chunk: Buffer): void;
  signal: AbortSignal;
}
