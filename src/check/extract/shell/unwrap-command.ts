import { constantOf, type ShellValue, textOf } from "./shell-value.ts";
import type { CommandInput, SimpleCommand } from "./simple-command.ts";

/** A command that runs the one behind it. */
interface Wrapper {
  /** Its options with a value of their own. */
  valued: string;
  /** Operands of its own: the time of `timeout 60 docker …`. */
  operands?: number;
  retries?: boolean;
}

const wrappers: Readonly<Record<string, Wrapper>> = {
  sudo: {
    valued:
      "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir --chroot --close-from --role --type",
  },
  doas: { valued: "-u -C" },
  env: { valued: "-u -C -S --unset --chdir" },
  time: { valued: "-f -o --format --output" },
  timeout: { valued: "-s -k --signal --kill-after", operands: 1 },
  gtimeout: { valued: "-s -k --signal --kill-after", operands: 1 },
  nohup: { valued: "" },
  setsid: { valued: "" },
  exec: { valued: "-a" },
  command: { valued: "" },
  builtin: { valued: "" },
  nice: { valued: "-n --adjustment" },
  ionice: { valued: "-c -n -p --class --classdata" },
  stdbuf: { valued: "-i -o -e --input --output --error" },
  unbuffer: { valued: "" },
  flock: { valued: "-w -E --timeout --wait --conflict-exit-code", operands: 1 },
  xargs: { valued: "-I -n -P -L -d -a -E -s --max-args --max-procs --max-lines --delimiter --arg-file --replace" },
  watch: { valued: "-n -d --interval" },
  chronic: { valued: "" },
  eatmydata: { valued: "" },
  lima: { valued: "--shell --workdir" },
};

const tools =
  /^(?:docker|docker-compose|podman|buildah|nerdctl|finch|skopeo|crane|ctr|img|kaniko|executor|trivy|grype|sam|aws)$/;

/** Without `sudo`, `env A=b`, `timeout 60` and their like. Undefined where nothing runs: `command -v docker`. */
export function unwrapCommand(command: SimpleCommand): SimpleCommand | undefined {
  let { words, isRetried } = command;
  for (;;) {
    const name = nameOf(words[0]);
    const wrapper = Object.hasOwn(wrappers, name) ? wrappers[name] : undefined;
    if (wrapper === undefined) break;
    if ((name === "command" || name === "builtin") && /^-[vV]$/.test(textOrEmpty(words[1]))) return undefined;
    words = skipWrapper(words, wrapper, name);
    if (name === "xargs") words = [...words, ...command.input.flatMap(wordsFrom)];
  }
  const behind = findRetried(words);
  if (behind !== undefined) {
    words = words.slice(behind.at);
    isRetried ||= behind.isRetry;
  }
  return words === command.words ? command : { ...command, words, isRetried };
}

/** What `echo a b | xargs docker pull` hands over; a file's lines are not known. */
function wordsFrom(input: CommandInput): readonly ShellValue[] {
  const isEcho = input.kind === "command" && nameOf(input.command.words[0]) === "echo";
  return isEcho ? input.command.words.slice(1).filter((word) => !/^-[neE]+$/.test(textOf(word))) : [];
}

function skipWrapper(
  words: readonly ShellValue[],
  { valued, operands = 0 }: Wrapper,
  name: string,
): readonly ShellValue[] {
  const withValue = new Set(valued.split(" "));
  let index = 1;
  for (let left = operands; index < words.length; index++) {
    const text = textOrEmpty(words[index]);
    if (text === "--") return words.slice(index + 1 + left);
    if (text.startsWith("-") && text.length > 1) {
      if (withValue.has(text)) index++;
    } else if ((name === "env" || name === "sudo") && /^\w+=/.test(text)) continue;
    else if (left === 0) break;
    else left--;
  }
  return words.slice(index);
}

/** The tool behind `retry 3`, `with_retries`, `aws-vault exec x --`. */
function findRetried(words: readonly ShellValue[]): { at: number; isRetry: boolean } | undefined {
  const isRetry = /retry|retries|backoff|attempt/i.test(nameOf(words[0]));
  const from = isRetry ? 1 : words.findIndex((word) => textOf(word) === "--") + 1;
  if (from === 0 || tools.test(nameOf(words[0]))) return undefined;
  const at = words.findIndex((word, index) => index >= from && tools.test(nameOf(word)));
  return at < 0 || (!isRetry && at !== from) ? undefined : { at, isRetry };
}

/** Without the folder: `/usr/bin/docker`. */
export function nameOf(word: ShellValue | undefined): string {
  const text = word === undefined ? "" : (constantOf(word) ?? "");
  return text.slice(text.lastIndexOf("/") + 1);
}

function textOrEmpty(word: ShellValue | undefined): string {
  return word === undefined ? "" : textOf(word);
}
