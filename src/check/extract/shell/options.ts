import { constantOf, partOf, type ShellValue, textOf } from "./shell-value.ts";

export interface OptionTable {
  /** Options that take a value, without dashes: `["env", "e"]`. Any other is taken for a switch. */
  valued: ReadonlySet<string>;
  /** The first operand ends the options: what follows belongs to the command in the container. */
  stopsAtOperand?: boolean;
}

export interface Option {
  /** Without dashes. */
  name: string;
  /** Undefined for a switch. */
  value: ShellValue | undefined;
}

export interface CommandLine {
  options: readonly Option[];
  operands: readonly ShellValue[];
}

/** `docker run $DOCKER_OPTS image`: by its name a variable holds options, and no operand. */
const optionsName = /OPT|ARG|FLAG|PARAM|ENV|VOLUME|MOUNT|EXTRA|NETWORK|LABEL/i;
const imageName = /IMAGE|IMG|TAG/i;

/** Reads arguments as pflag does, which docker, podman, skopeo and most others are made with. */
export function readOptions(values: readonly ShellValue[], { valued, stopsAtOperand }: OptionTable): CommandLine {
  const options: Option[] = [];
  const operands: ShellValue[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as ShellValue;
    const text = textOf(value);
    if (text === "--") {
      return { options, operands: [...operands, ...values.slice(index + 1)] };
    }
    if (!text.startsWith("-") || text === "-") {
      if (isOptionsVariable(value)) continue;
      if (stopsAtOperand === true) return { options, operands: [...operands, ...values.slice(index)] };
      operands.push(value);
      continue;
    }
    const read = text.startsWith("--") ? readLong(value, text, valued) : readShort(value, text, valued);
    for (const option of read.options) options.push(option);
    if (read.awaits !== undefined) options.push({ name: read.awaits, value: values[++index] });
  }
  return { options, operands };
}

function isOptionsVariable(value: ShellValue): boolean {
  const written = value.place.text;
  if (constantOf(value) !== undefined || (value.isQuoted && !written.includes("["))) return false;
  const name = /^\$\{?(\w+)(?:\[[@*]\])?\}?$|^\$\{\{(?:.*[.\s])?(\w+)\s*\}\}$/.exec(written);
  const text = name?.[1] ?? name?.[2] ?? "";
  return optionsName.test(text) && !imageName.test(text);
}

interface ReadOption {
  options: Option[];
  /** The option whose value is the next argument. */
  awaits?: string;
}

function readLong(value: ShellValue, text: string, valued: ReadonlySet<string>): ReadOption {
  const equals = text.indexOf("=");
  if (equals >= 0) return { options: [{ name: text.slice(2, equals), value: partOf(value, equals + 1) }] };
  const name = text.slice(2);
  return valued.has(name) ? { options: [], awaits: name } : { options: [{ name, value: undefined }] };
}

/** `-it`, `-eA=b`, `-e A=b`; a switch with a value is `-t=false`. */
function readShort(value: ShellValue, text: string, valued: ReadonlySet<string>): ReadOption {
  const options: Option[] = [];
  for (let at = 1; at < text.length; at++) {
    const name = text[at] as string;
    if (valued.has(name)) {
      if (at === text.length - 1) return { options, awaits: name };
      options.push({ name, value: partOf(value, text[at + 1] === "=" ? at + 2 : at + 1) });
      return { options };
    }
    if (text[at + 1] === "=") {
      options.push({ name, value: partOf(value, at + 2) });
      return { options };
    }
    options.push({ name, value: undefined });
  }
  return { options };
}

export function findOption({ options }: CommandLine, ...names: readonly string[]): ShellValue | undefined {
  return options.findLast(({ name, value }) => value !== undefined && names.includes(name))?.value;
}

export function hasOption({ options }: CommandLine, ...names: readonly string[]): boolean {
  return options.some(({ name }) => names.includes(name));
}

export function findOptions({ options }: CommandLine, ...names: readonly string[]): ShellValue[] {
  return options.flatMap(({ name, value }) => (value !== undefined && names.includes(name) ? [value] : []));
}
