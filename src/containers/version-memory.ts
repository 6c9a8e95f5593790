import { readFileSync, statSync, writeFileSync } from "node:fs";

/** What programs said of their version, kept from run to run: asking two docker clients costs a start 20 ms. */
export interface VersionMemory {
  /** The answer of a program that has not changed since. */
  find(program: string): string | undefined;
  remember(program: string, answer: string): void;
  /** Writes down what is new. Where that fails, the next run asks again. */
  save(): void;
}

/** Reads `file` with the first question; one that is missing or broken holds nothing. */
export function openVersionMemory(file: string): VersionMemory {
  let answers: Record<string, unknown> | undefined;
  let isNew = false;
  const known = () => {
    answers ??= readAnswers(file);
    return answers;
  };
  return {
    find(program) {
      const answer = known()[keyOf(program)];
      return typeof answer === "string" ? answer : undefined;
    },
    remember(program, answer) {
      known()[keyOf(program)] = answer;
      isNew = true;
    },
    save() {
      if (!isNew) return;
      try {
        writeFileSync(file, JSON.stringify(answers));
      } catch {
        // The state directory was removed, or its disk is full: whatever needs it more will say so.
      }
    },
  };
}

function readAnswers(file: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(readFileSync(file, "utf8")) };
  } catch {
    return {};
  }
}

/** Another file under that name is another program. */
function keyOf(program: string): string {
  const { dev, ino, size, ctimeMs } = statSync(program);
  return `${program} ${dev} ${ino} ${size} ${ctimeMs}`;
}
