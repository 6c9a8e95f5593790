/** Spoilt versions of a text, the same ones for the same seed: pieces put in, taken out or put elsewhere. */
export function* mutateText(text: string, pieces: readonly string[], seed: number, count: number): Generator<string> {
  let state = seed;
  // A linear congruential generator: https://en.wikipedia.org/wiki/Linear_congruential_generator
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  for (let index = 0; index < count; index++) {
    let spoilt = text;
    for (let changes = next(5) + 1; changes > 0; changes--) {
      const at = next(spoilt.length + 1);
      const from = next(spoilt.length + 1);
      const middle = [pieces[next(pieces.length)] ?? "", "", spoilt.slice(from, from + next(60))][next(3)] ?? "";
      spoilt = spoilt.slice(0, at) + middle + spoilt.slice(middle === "" ? at + next(8) : at);
    }
    yield spoilt;
  }
}
