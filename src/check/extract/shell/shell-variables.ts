import type { ShellVariable } from "./shell-value.ts";

/** The variables of a shell, or of a branch over those from before it: a script forks often and changes little. */
export class ShellVariables {
  readonly #own = new Map<string, ShellVariable | undefined>();
  readonly #outer: ShellVariables | undefined;

  constructor(from: Iterable<readonly [string, ShellVariable]> = [], outer?: ShellVariables) {
    this.#own = new Map(from);
    this.#outer = outer;
  }

  get(name: string): ShellVariable | undefined {
    return this.#own.has(name) ? this.#own.get(name) : this.#outer?.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, variable: ShellVariable): void {
    this.#own.set(name, variable);
  }

  delete(name: string): void {
    this.#own.set(name, undefined);
  }

  fork(): ShellVariables {
    return new ShellVariables([], this);
  }

  /** The names that a fork has set or deleted. */
  changed(): Iterable<string> {
    return this.#own.keys();
  }

  toMap(): Map<string, ShellVariable> {
    const all = this.#outer?.toMap() ?? new Map<string, ShellVariable>();
    for (const [name, variable] of this.#own) {
      if (variable === undefined) all.delete(name);
      else all.set(name, variable);
    }
    return all;
  }
}
