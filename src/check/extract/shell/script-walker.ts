import {
  type Command,
  type CommandNode,
  type CompoundList,
  forEachChild,
  parse,
  type Script,
  type Statement,
  type SyntaxNode,
  type Word,
} from "unbash";
import { type MappedText, pieceOf } from "../../mapped-text.ts";
import { assign, declare, isDeclaration } from "./assignments.ts";
import { holdsCandidate } from "./candidates.ts";
import { evaluateOne, evaluateWord } from "./evaluate-word.ts";
import { canFail, isRetryLoop } from "./exit-status.ts";
import { withoutEscapes } from "./join-texts.ts";
import { inputsOf, outputOf } from "./redirections.ts";
import { runCommand } from "./run-command.ts";
import { type DefinedFunction, type ShellScope, unknownVariable } from "./shell-scope.ts";
import { type ShellValue, textOf } from "./shell-value.ts";
import type { CommandInput, SimpleCommand } from "./simple-command.ts";
import type { StepSink } from "./step-sink.ts";

/** More than any real script has: scripts in scripts, blocks in blocks and calls in calls, commands in all. */
const deepestScript = 6;
const deepestNesting = 200;
const mostCommands = 20_000;

const messages = /^(?:echo|printf|log\w*|info|warn\w*|err\w*|debug|print|say|die|fail|msg|note|notice)$/;

/** How the commands at hand are run. */
interface Circumstances {
  isRetried: boolean;
  mayFail: boolean;
  input: readonly CommandInput[];
}

const plainly: Circumstances = { isRetried: false, mayFail: false, input: [] };

/** The text that a substitution's places count in: inside of backticks with escapes, one of its own. */
function textOfScript({ source: own }: Script, around: SyntaxNode, source: MappedText): MappedText {
  if (own === undefined) return source;
  const written = withoutEscapes(pieceOf(source, { start: around.pos + 1, end: around.end - 1 }), /[\\$`]/);
  if (written.text === own) return written;
  const { pos: start, end } = around;
  return { text: own, findRange: () => undefined, nearestRange: () => source.nearestRange({ start, end }) };
}

/** Walks a script in the order in which it runs, as far as that is constant: both branches of an `if`, each turn of a `for`. */
export class ScriptWalker {
  readonly #sink: StepSink;
  readonly #called: Set<string>;
  /** The functions that are being run. */
  readonly #active = new Set<string>();
  #scripts = 0;
  #depth = 0;
  #commands = 0;
  #hasPassedOver = false;

  constructor(sink: StepSink, called = new Set<string>()) {
    this.#sink = sink;
    this.#called = called;
  }

  walkText(source: MappedText, scope: ShellScope, circumstances = plainly): void {
    if (this.#scripts >= deepestScript) return;
    this.#scripts++;
    const script = parse(source.text);
    const [error] = script.errors ?? [];
    // Whether PowerShell or a template is well-formed shell is of no interest, unless an image may be missed in it.
    if (error !== undefined && holdsCandidate(source.text)) {
      const end = Math.min(source.text.length, error.pos + 1);
      const range = source.nearestRange({ start: Math.min(error.pos, end), end });
      this.#sink.notes.push({ message: `not well-formed shell: ${error.message}`, range });
    }
    this.#walkScript(script, source, scope, circumstances);
    this.#scripts--;
  }

  /** Functions that nothing here calls: another script may, or `"$@"` does. */
  walkUncalled(scope: ShellScope): void {
    for (const [name, { node, source }] of scope.functions) {
      if (this.#called.has(name)) continue;
      this.#called.add(name);
      this.#walk(node.body, source, scope.fork(), plainly);
    }
  }

  #walkScript(script: Script, source: MappedText, scope: ShellScope, circumstances: Circumstances): void {
    for (const statement of script.commands) this.#walk(statement.command, source, scope, circumstances);
  }

  #list(list: CompoundList, source: MappedText, scope: ShellScope, circumstances: Circumstances): void {
    for (const { command } of list.commands as readonly Statement[]) this.#walk(command, source, scope, circumstances);
  }

  #walk(node: SyntaxNode, source: MappedText, scope: ShellScope, how: Circumstances): void {
    if (this.#depth >= deepestNesting || this.#commands >= mostCommands) return this.#passOver(node, source);
    this.#depth++;
    this.#walkNode(node, source, scope, how);
    this.#depth--;
  }

  /** Told once: what follows is not read either. */
  #passOver({ pos, end }: SyntaxNode, source: MappedText): void {
    if (this.#hasPassedOver) return;
    this.#hasPassedOver = true;
    const message = `more than ${mostCommands} commands, or nested deeper than ${deepestNesting}: the rest of the script is not read`;
    this.#sink.notes.push({ message, range: source.nearestRange({ start: pos, end }) });
  }

  #walkNode(node: SyntaxNode, source: MappedText, scope: ShellScope, how: Circumstances): void {
    const list = (body: CompoundList, inside = scope, under = how) => this.#list(body, source, inside, under);
    switch (node.type) {
      case "Command":
        return this.#command(node, source, scope, how);
      case "Pipeline":
        return this.#pipeline(node.commands, source, scope, how);
      case "AndOr":
        return node.commands.forEach((command, index) => {
          const mayFail = how.mayFail || canFail(node, index, source.text);
          this.#walk(command, source, scope, { ...how, mayFail });
        });
      case "CompoundList":
        return list(node);
      case "BraceGroup":
        return list(node.body);
      case "Subshell": {
        const inside = scope.fork();
        list(node.body, inside);
        for (const image of inside.builtImages) scope.builtImages.add(image);
        return;
      }
      case "Redirected":
        return this.#redirected(node, source, scope, how);
      case "Function":
        scope.functions.set(node.name.value, { node, source });
        return;
      case "Coproc":
        return this.#walk(node.body, source, scope, how);
      default:
        return this.#compound(node, source, scope, how);
    }
  }

  #compound(node: SyntaxNode, source: MappedText, scope: ShellScope, how: Circumstances): void {
    const list = (body: CompoundList, inside = scope, under = how) => this.#list(body, source, inside, under);
    switch (node.type) {
      case "If": {
        list(node.clause);
        const branches = [node.then, ...node.elif.map(({ then }) => then)].map((body) => ({
          body,
          inside: scope.fork(),
        }));
        list(node.then, branches[0]?.inside);
        node.elif.forEach(({ clause, then }, index) => {
          list(clause);
          list(then, branches[index + 1]?.inside);
        });
        const otherwise = scope.fork();
        if (node.else !== undefined) list(node.else, otherwise);
        return scope.join([...branches.map(({ inside }) => inside), otherwise]);
      }
      case "Case": {
        const branches = node.items.map(({ body }) => {
          const inside = scope.fork();
          list(body, inside);
          return inside;
        });
        return scope.join([...branches, scope.fork()]);
      }
      case "While": {
        const under = { ...how, isRetried: how.isRetried || isRetryLoop(node, source.text) };
        list(node.clause, scope, under);
        return list(node.body, scope, under);
      }
      case "ArithmeticFor":
        return list(node.body, scope, { ...how, isRetried: how.isRetried || isRetryLoop(node, source.text) });
      case "For":
      case "Select": {
        const isRetried = how.isRetried || isRetryLoop(node, source.text);
        for (const value of this.#turns(node.wordlist, source, scope)) {
          const name = node.name.value;
          scope.variables.set(name, value === undefined ? unknownVariable(name) : { ...value, isMixed: false });
          list(node.body, scope, { ...how, isRetried });
        }
        return;
      }
      case "TestCommand":
      case "ArithmeticCommand":
        return this.#substitutions(node, source, scope);
      default:
        return;
    }
  }

  /** The values that a loop goes through; undefined for one that is not constant, or for none that is known. */
  #turns(words: readonly Word[] | undefined, source: MappedText, scope: ShellScope): (ShellValue | undefined)[] {
    if (words === undefined) return [...(scope.positional ?? [undefined])];
    for (const word of words) this.#substitutions(word, source, scope);
    const values = words.flatMap((word) => evaluateWord(word, source, scope));
    return values.map((value) => (value.pieces.every(({ isConstant }) => isConstant) ? value : undefined));
  }

  #pipeline(commands: readonly CommandNode[], source: MappedText, scope: ShellScope, how: Circumstances): void {
    let input = how.input;
    for (const node of commands) {
      this.#walk(node, source, scope, { ...how, input });
      if (node.type !== "Command") continue;
      input = [...input, { kind: "command", command: this.#prepare(node, source, scope, { ...how, input }) }];
    }
  }

  #redirected(
    node: Extract<SyntaxNode, { type: "Redirected" }>,
    source: MappedText,
    scope: ShellScope,
    how: Circumstances,
  ): void {
    this.#walk(node.command, source, scope, {
      ...how,
      input: [...how.input, ...inputsOf(node.redirects, source, scope)],
    });
  }

  #command(node: Command, source: MappedText, scope: ShellScope, how: Circumstances): void {
    this.#commands++;
    this.#substitutions(node, source, scope);
    if (node.name === undefined) {
      for (const part of node.prefix) if (part.type === "Assignment") assign(part, source, scope);
      return;
    }
    if (isDeclaration(node.name.value)) return declare(node, source, scope);
    const command = this.#prepare(node, source, scope, how);
    const called = this.#functionOf(command);
    if (called === undefined)
      return runCommand(command, { sink: this.#sink, walkText: (text, inside) => this.walkText(text, inside, how) });
    this.#callFunction(command, called, how);
  }

  /** Undefined where the command is no function, or one that is being run already. */
  #functionOf({ words, scope }: SimpleCommand): DefinedFunction | undefined {
    const name = words[0] === undefined ? "" : textOf(words[0]);
    const found = scope.functions.get(name);
    if (found !== undefined) this.#called.add(name);
    return this.#active.has(name) ? undefined : found;
  }

  #callFunction({ scope, words }: SimpleCommand, { node, source }: DefinedFunction, how: Circumstances): void {
    const outer = scope.positional;
    scope.positional = words.slice(1);
    this.#active.add(node.name.value);
    this.#walk(node.body, source, scope, how);
    this.#active.delete(node.name.value);
    scope.positional = outer;
  }

  #prepare(node: Command, source: MappedText, scope: ShellScope, how: Circumstances): SimpleCommand {
    const words = [...(node.name ? [node.name] : []), ...node.suffix.filter((part) => part.type === "Word")];
    const expand = () => words.flatMap((word) => evaluateWord(word, source, scope));
    const environment = new Map<string, ShellValue>();
    for (const part of node.prefix) {
      if (part.type !== "Assignment" || part.value.type !== "Word") continue;
      environment.set(part.name, evaluateOne(part.value, source, scope));
    }
    return {
      // A message may name an image beside other words and mean no other image.
      words: messages.test(node.name?.value ?? "") ? scope.withoutMixing(expand) : expand(),
      place: pieceOf(source, { start: node.pos, end: node.end }),
      input: [...how.input, ...inputsOf(node.redirects, source, scope)],
      output: outputOf(node.redirects, source, scope),
      environment,
      scope,
      isRetried: how.isRetried,
      mayFail: how.mayFail,
    };
  }

  /** Commands inside of words: `$(docker create x)`. */
  #substitutions(node: SyntaxNode, source: MappedText, scope: ShellScope): void {
    if (!/[`(]/.test(source.text.slice(node.pos, node.end))) return;
    forEachChild(node, (child) => {
      if (child.type === "Script") this.#walkScript(child, textOfScript(child, node, source), scope.fork(), plainly);
      else this.#substitutions(child, source, scope);
    });
  }
}
