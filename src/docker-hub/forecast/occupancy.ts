/** Arrivals in a window, Poisson with mean `load`, each of `size` pulls. */
export interface LoadClass {
  load: number;
  size: number;
}

/** Doubles end at 1.8e308; a step multiplies by no more than 1e13. */
const large = 1e280;

/**
 * The recursion that two questions share: j·q(j) = Σ load·size·q(j − size), q(0) = 1.
 *
 * - Normalised over 0…C, q is the occupancy of a loss system with C places: J. S. Kaufman, "Blocking in a Shared Resource
 *   Environment", IEEE Trans. Commun. 29 (1981); J. W. Roberts, "A Service System with Heterogeneous User Requirements" (1981).
 *   It holds for any distribution of the holding time, thus for a pull that is remembered for exactly one window.
 * - Times exp(−Σ load), q is the distribution of a compound Poisson sum: H. H. Panjer, ASTIN Bulletin 12 (1981).
 *
 * Returns ln Σ q(0…top) for each of `tops`, −∞ for one below 0. Only the last terms are kept at scale, so that a load of
 * millions neither overflows nor vanishes.
 */
export function sumStates(classes: readonly LoadClass[], tops: readonly number[]): number[] {
  const highest = Math.max(...tops);
  const arriving = classes.filter(({ load, size }) => load > 0 && size > 0);
  const longest = Math.max(0, ...arriving.map(({ size }) => size));
  const states = new Float64Array(Math.max(0, highest) + 1);
  const sums = tops.map(() => Number.NEGATIVE_INFINITY);
  let [sum, logScale] = [0, 0];
  for (let state = 0; state <= highest; state++) {
    const weight = state === 0 ? 1 : flowInto(state, arriving, states) / state;
    states[state] = weight;
    sum += weight;
    if (tops.includes(state)) {
      for (const [index, top] of tops.entries()) if (top === state) sums[index] = Math.log(sum) + logScale;
    }
    if (sum < large) continue;
    for (let kept = Math.max(0, state - longest); kept <= state; kept++) states[kept] = (states[kept] ?? 0) / sum;
    logScale += Math.log(sum);
    sum = 1;
  }
  return sums;
}

function flowInto(state: number, arriving: readonly LoadClass[], states: Float64Array): number {
  let flow = 0;
  for (const { load, size } of arriving) if (size <= state) flow += load * size * (states[state - size] ?? 0);
  return flow;
}
