import type { Command, Option } from "commander";
import type { Shell } from "./describe-completion.ts";

/** A command as a completion sees it. */
interface CompletedCommand {
  /** Words after the program's name: `gateway prefetch`. */
  path: string;
  description: string;
  subcommands: string[];
  options: { flag: string; description: string; choices: readonly string[]; takesFile: boolean }[];
}

/** The script is made from the commands themselves, so that it knows every option that there is. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = listCommands(program, "");
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}

function listCommands(command: Command, path: string): CompletedCommand[] {
  const subcommands = command.commands.filter((sub) => sub.name() !== "help");
  const described: CompletedCommand = {
    path,
    description: command.description(),
    subcommands: subcommands.map((sub) => sub.name()),
    options: [...command.options.filter(({ hidden }) => !hidden).map(describeOption), help],
  };
  return [described, ...subcommands.flatMap((sub) => listCommands(sub, `${path} ${sub.name()}`.trim()))];
}

const help = { flag: "--help", description: "show help", choices: [], takesFile: false };

function describeOption({ long, short, description, argChoices, flags }: Option): CompletedCommand["options"][number] {
  const takesFile = /<(file|dir|FILE|DIR)>/.test(flags);
  return { flag: long ?? short ?? "", description, choices: argChoices ?? [], takesFile };
}

/** `case` branches that both shells read alike. */
interface Branches {
  /** From the words so far to the longest command that begins them; a template's name is none. */
  commands: string;
  /** What may follow an option, by the option. */
  values: string;
  /** Subcommands and options, by the command. */
  words: string;
}

function branchesOf(commands: readonly CompletedCommand[], offer: (words: readonly string[]) => string): Branches {
  const choices = new Map(
    commands
      .flatMap(({ options }) => options.filter((option) => option.choices.length > 0))
      .map((option) => [option.flag, option.choices]),
  );
  const named = commands.filter(({ path }) => path !== "");
  return {
    commands: named
      .map(({ path }) => `      "${path.includes(" ") ? "" : " "}${path}") command="${path}" ;;`)
      .join("\n"),
    values: [...choices].map(([flag, values]) => `    ${flag}) ${offer(values)}; return ;;`).join("\n"),
    words: commands
      .map(({ path, subcommands, options }) => [path, [...subcommands, ...options.map(({ flag }) => flag)]] as const)
      .map(([path, words]) => `    "${path}") ${offer(words)} ;;`)
      .join("\n"),
  };
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const offer = (words: readonly string[]) => `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))`;
  const branches = branchesOf(commands, offer);
  return `# bash completion of chubo: source <(chubo completion bash)
_chubo() {
  local current=\${COMP_WORDS[COMP_CWORD]} command="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
${branches.commands}
    esac
  done
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${branches.values}
  esac
  case "$command" in
${branches.words}
  esac
  [[ $current == -* || -z $command ]] || COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _chubo chubo
`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const branches = branchesOf(commands, (words) => `compadd -- ${words.join(" ")}`);
  return `#compdef chubo
_chubo() {
  local command="" word
  for word in \${words[2,CURRENT-1]}; do
    case "$command $word" in
${branches.commands}
    esac
  done
  case "\${words[CURRENT-1]}" in
${branches.values}
  esac
  case "$command" in
${branches.words}
  esac
  [[ \${words[CURRENT]} == -* || -z $command ]] || _files
}
compdef _chubo chubo
[[ $funcstack[1] == _chubo ]] && _chubo "$@"
`;
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ path, options, subcommands }) => {
    const words = path.split(" ").filter((word) => word !== "");
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const condition = seen.length === 0 ? "__fish_use_subcommand" : seen.join("; and ");
    const parts = subcommands.map((name) => {
      const { description = "" } = commands.find((other) => other.path === `${path} ${name}`.trim()) ?? {};
      return `complete -c chubo -n ${quote(condition)} -f -a ${name} -d ${quote(description)}`;
    });
    const flags = options.map(({ flag, description, choices, takesFile }) => {
      const values = choices.length > 0 ? ` -x -a ${quote(choices.join(" "))}` : takesFile ? " -r" : "";
      return `complete -c chubo -n ${quote(condition)} -l ${flag.replace(/^-+/, "")}${values} -d ${quote(description)}`;
    });
    return [...parts, ...flags];
  });
  return `# fish completion of chubo\n${lines.join("\n")}\n`;
}
