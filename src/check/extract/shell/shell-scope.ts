import { posix } from "node:path";
import type { Function as ShellFunction } from "unbash";
import type { MappedText } from "../../mapped-text.ts";
import { type ShellValue, type ShellVariable, textOf } from "./shell-value.ts";
import { ShellVariables } from "./shell-variables.ts";

/** What a command leaves to the next one. */
export interface ShellContext {
  variables: ReadonlyMap<string, ShellVariable>;
  /** Relative to where the script began; undefined where `cd` went somewhere that is not constant. */
  workingDirectory?: string | undefined;
  /** Images that were built or tagged before: running one of them pulls nothing. */
  builtImages?: ReadonlySet<string>;
}

export interface DefinedFunction {
  node: ShellFunction;
  /** The text that the node's places count in. */
  source: MappedText;
}

export class ShellScope {
  readonly variables: ShellVariables;
  /** Shared by all branches: one that is defined in any of them may be called after it. */
  readonly functions: Map<string, DefinedFunction>;
  readonly builtImages: Set<string>;
  directory: string | undefined;
  /** `$1` and so on of the function at hand; undefined where they come from outside. */
  positional: readonly ShellValue[] | undefined;
  #mixes = true;
  readonly #directories: (string | undefined)[] = [];

  constructor(from: ShellContext, outer?: ShellScope) {
    this.variables = outer?.variables.fork() ?? new ShellVariables(from.variables);
    this.directory = "workingDirectory" in from ? from.workingDirectory : ".";
    this.builtImages = new Set(from.builtImages);
    this.functions = outer?.functions ?? new Map();
    this.positional = outer?.positional;
  }

  /** For a subshell or a branch: what it sets does not come back by itself. */
  fork(): ShellScope {
    const { directory: workingDirectory, builtImages } = this;
    return new ShellScope({ variables: new Map(), workingDirectory, builtImages }, this);
  }

  context(): ShellContext {
    return { variables: this.variables.toMap(), workingDirectory: this.directory, builtImages: this.builtImages };
  }

  /** After branches of which one has run: what they do not agree about is not constant. */
  join(branches: readonly ShellScope[]): void {
    const names = new Set(branches.flatMap(({ variables }) => [...variables.changed()]));
    for (const name of names) {
      const [first, ...others] = branches.map(({ variables }) => variables.get(name));
      if (first !== undefined && others.every((other) => other === first)) this.variables.set(name, first);
      else if (first !== undefined && others.every((other) => sameContent(other, first))) {
        // Written in several places: to change one of them would change less than the variable.
        const { origin: _origin, ...rest } = first;
        this.variables.set(name, rest);
      } else this.variables.set(name, unknownVariable(name));
    }
    const [directory] = new Set(branches.map((branch) => branch.directory));
    this.directory = branches.every((branch) => branch.directory === directory) ? directory : undefined;
    for (const branch of branches) {
      for (const image of branch.builtImages) this.builtImages.add(image);
    }
  }

  /** `path` from the directory at hand; undefined where that is not constant. */
  resolvePath(path: string): string | undefined {
    if (posix.isAbsolute(path)) return posix.normalize(path);
    return this.directory === undefined ? undefined : posix.normalize(posix.join(this.directory, path));
  }

  /** The variables have become part of another text. */
  mix(variables: readonly ShellVariable[]): void {
    if (this.#mixes) for (const variable of variables) variable.isMixed = true;
  }

  withoutMixing<Result>(run: () => Result): Result {
    this.#mixes = false;
    const result = run();
    this.#mixes = true;
    return result;
  }

  changeDirectory(path: string | undefined): void {
    this.directory = path === undefined ? undefined : this.resolvePath(path)?.replace(/(?<=.)\/$/, "");
  }

  pushDirectory(path: string | undefined): void {
    this.#directories.push(this.directory);
    this.changeDirectory(path);
  }

  popDirectory(): void {
    this.directory = this.#directories.pop();
  }
}

function sameContent(a: ShellVariable | undefined, b: ShellVariable): boolean {
  return a !== undefined && a.elements === undefined && b.elements === undefined && textOf(a) === textOf(b);
}

export function unknownVariable(name: string): ShellVariable {
  return { pieces: [{ text: `$${name}`, isConstant: false }], defaults: [], through: [], isMixed: false };
}
