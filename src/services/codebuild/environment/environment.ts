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
  /** The same for a person, on a terminal. */
  attach(command: AttachedCommand): Promise<number>;
  /**
   * Makes the environment fit for commands of that user, who alone may read and write the files from then on (their paths
   * are those that commands see). Throws EnvironmentError where there is no such user, or he cannot be become.
   */
  admitUser(user: string, files: readonly string[]): Promise<void>;
  /** A file of the project's image; undefined where it has none of that path, and on the host. */
  readImageFile(path: string): Promise<string | undefined>;
  /** Ends whatever still runs, and removes what was made. */
  close(): Promise<void>;
}

interface Command {
  shell: "sh" | "bash";
  /** Path of the script, as the environment sees it. */
  file: string;
  /** The whole environment of the process. */
  variables: Record<string, string>;
  /** One that `admitUser` has admitted; root in a container and the caller on the host where it is not given. */
  user?: string | undefined;
  signal: AbortSignal;
}

export interface ShellCommand extends Command {
  /** Raw bytes of stdout and stderr, in order of arrival. */
  onOutput(chunk: Buffer): void;
}

export interface AttachedCommand extends Command {
  terminal: Terminal;
}

/** What a person's shell reads and writes. */
export interface Terminal {
  /** File descriptors of this process. */
  stdio: [number, number, number];
  /** A container's client gives the shell a terminal of its own. */
  isTty: boolean;
}
