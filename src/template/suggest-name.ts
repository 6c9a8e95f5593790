/** `did you mean "X"?` for the nearest of the known names, where one is near. */
export function suggestName(given: string, known: Iterable<string>): string | undefined {
  const nearest = findNearest(given, known);
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}

function findNearest(given: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  // A third of the letters may differ: more would suggest what nobody meant.
  let least = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
