import { Argument, type Command } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Help of `chubo completion`. */
export function describeCompletion(command: Command, run: (shell: Shell) => Promise<void>): void {
  command
    .showHelpAfterError("  hint chubo completion --help shows how")
    .description("print a script that completes commands and options in your shell")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .addHelpText("after", examples)
    .action(run);
}

const examples = `
Examples:
  $ source <(chubo completion bash)                                      for this shell; in ~/.bashrc for all
  $ chubo completion zsh > "\${fpath[1]}/_chubo"
  $ chubo completion fish > ~/.config/fish/completions/chubo.fish`;
