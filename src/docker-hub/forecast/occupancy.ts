/** Arrivals in a window, Poisson with mean `load`, each of `size` pulls. */
export interface LoadClass {
  load: number;
  size: number;
}

/** Doubles end at 1.8e308; a step multiplies by no more than 1e13. */
const large = 1e280;

/**
 * The recursion that three questions share: j·q(j) = Σ load·size·q(j − size), q(0) = 1.
 *
 * - Normalised over 0…C, q is the occupancy of a loss system with C places: J. S. Kaufman, "Blocking in a Shared Resource
 *   Environment", IEEE Trans. Commun. 29 (1981); J. W. Roberts, "A Service System with Heterogeneous User Requirements" (1981).
 *   It holds for any distribution of the holding time, thus for a pull that is remembered for exactly one window.
 * - Times exp(−Σ load), q is the distribution of a compound Poisson sum: H. H. Panjer, ASTIN Bulletin 12 (1981).
 *
 * Tells `onState` q(j) for j = 0…highest, as `weight`·exp(`logScale`). Only the last terms are kept at scale, so that a load
 * of millions neither overflows nor vanishes.
 */
function walkStates(
  classes: readonly LoadClass[],
  highest: number,
  onState: (state: number, weight: number, logScale: number) => void,
): void {
  const arriving = classes.filter(({ load, size }) => load > 0 && size > 0);
  const longest = Math.max(0, ...arriving.map(({ size }) => size));
  const states = new Float64Array(Math.max(0, highest) + 1);
  let logScale = 0;
  for (let state = 0; state <= highest; state++) {
    const weight = state === 0 ? 1 : flowInto(state, arriving, states) / state;
    states[state] = weight;
    onState(state, weight, logScale);
    if (weight < large) continue;
    for (let kept = Math.max(0, state - longest); kept <= state; kept++) states[kept] = (states[kept] ?? 0) / weight;
    logScale += Math.log(weight);
  }
}

function flowInto(state: number, arriving: readonly LoadClass[], states: Float64Array): number {
  let flow = 0;
  for (const { load, size } of arriving) if (size <= state) flow += load * size * (states[state - size] ?? 0);
  return flow;
}

/** ln Σ q(0…top) for each of `tops`, −∞ for one below 0. */
export function sumStates(classes: readonly LoadClass[], tops: readonly number[]): number[] {
  const sums = tops.map(() => Number.NEGATIVE_INFINITY);
  let [sum, scale] = [0, 0];
  walkStates(classes, Math.max(...tops), (state, weight, logScale) => {
    if (logScale !== scale) {
      sum *= Math.exp(scale - logScale);
      scale = logScale;
    }
    sum += weight;
    if (!tops.includes(state)) return;
    for (const [index, top] of tops.entries()) if (top === state) sums[index] = Math.log(sum) + logScale;
  });
  return sums;
}

/**
 * How long, of a window of length 1, no more than `top` pulls have come: ∫ Pr[S(u) ≤ top] du for the compound Poisson sum S, for
 * each of `tops`; 0 for one below 0.
 *
 * S stays in a state j for g(j) = ∫ Pr[S(u) = j] du. Integrated over the window, its forward equation says that what comes into
 * the state has gone out of it, or is there at the end: Λ·g(j) + Pr[S(1) = j] = [j = 0] + Σ load·g(j − size), Λ = Σ load.
 * The coefficients on the right add up to Λ, so that a rounding error does not grow.
 */
export function timesWithin(classes: readonly LoadClass[], tops: readonly number[]): number[] {
  const arriving = classes.filter(({ load, size }) => load > 0 && size > 0);
  const rate = arriving.reduce((sum, { load }) => sum + load, 0);
  if (rate === 0) return tops.map((top) => (top < 0 ? 0 : 1));
  const highest = Math.max(...tops);
  const times = new Float64Array(Math.max(0, highest) + 1);
  const totals = tops.map(() => 0);
  let total = 0;
  walkStates(arriving, highest, (state, weight, logScale) => {
    let into = state === 0 ? 1 : 0;
    for (const { load, size } of arriving) if (size <= state) into += load * (times[state - size] ?? 0);
    const time = Math.max(0, into - weight * Math.exp(logScale - rate)) / rate;
    times[state] = time;
    total += time;
    if (!tops.includes(state)) return;
    for (const [index, top] of tops.entries()) if (top === state) totals[index] = Math.min(1, total);
  });
  return totals;
}
