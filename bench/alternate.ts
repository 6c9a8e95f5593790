// Measures subjects side by side: in turn, in one run, because only ratios inside one run mean something on shared hardware.

/** One repetition of a subject: its figures by name, in milliseconds. */
export type Subject = () => Promise<Record<string, number>>;

/** Medians of each subject's figures over `repetitions` rounds. One round before them warms caches and is not counted. */
export async function alternate<Name extends string>(
  subjects: Record<Name, Subject>,
  repetitions: number,
): Promise<Record<Name, Record<string, number>>> {
  const names = Object.keys(subjects) as Name[];
  const rounds = new Map<Name, Record<string, number>[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= repetitions; round++) {
    // Whoever goes first may find a colder machine: the order turns around with every round.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const figures = await subjects[name]();
      if (round > 0) rounds.get(name)?.push(figures);
    }
    process.stderr.write(`\rround ${round} of ${repetitions}`);
  }
  process.stderr.write("\n");
  const medians = names.map((name) => [name, mediansOf(rounds.get(name) ?? [])]);
  return Object.fromEntries(medians) as Record<Name, Record<string, number>>;
}

function mediansOf(figures: Record<string, number>[]): Record<string, number> {
  const names = Object.keys(figures[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(figures.map((figure) => figure[name] as number))]));
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** The number after `--repetitions`, or `fallback`. */
export function readRepetitions(words: readonly string[], fallback: number): number {
  const index = words.indexOf("--repetitions");
  if (index === -1) return fallback;
  const repetitions = Number(words[index + 1]);
  if (!Number.isInteger(repetitions) || repetitions < 1) throw new Error("--repetitions wants a whole number above 0");
  return repetitions;
}
