/** Where a build's commands run: a private directory of this machine, or a container of the project's image. */
export interface BuildEnvironment {
  /** `/codebuild/output/src123456789/src` in a container; below a private directory on the host. */
  sourceDirectory: string;
  /** For people: "host, private directory" or the image and engine. */
  description: string;
  /**
   * Runs one shell process and resolves with its exit status when it has ended (128+n for a signal).
   * `variables` is the whole environment, but for what the environment itself adds.
   */
  run(command: ShellCommand): Promise<number>;
  /** Reads and writes files under the environment's paths. */
  unpackSource(zip: Uint8Array): Promise<void>;
  /** Local directory that holds `sourceDirectory`'s files, for artifacts; a mount or a copy. */
  localDirectory(): Promise<string>;
  /** Ends what runs, removes what was made. */
  close(): Promise<void>;
}

export interface ShellCommand {
  /** Source text of the command, run by `shell`. */
  script: string;
  shell: "sh" | "bash";
  variables: Record<string, string>;
  /** Raw bytes of stdout and stderr, in order of arrival. */
  onOutput(chunk: Buffer): void;
  signal?: AbortSignal;
}
