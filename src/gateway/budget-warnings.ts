/** An identity's allowance has fallen to a share of its limit. */
export interface BudgetWarning {
  identity: string;
  /** Share of the limit: 0.2, 0.05 or 0. */
  threshold: number;
  remaining: number;
  limit: number;
}

const thresholds = [0.2, 0.05, 0];
/** A rolling window gives pulls back one by one: only a real recovery makes the next fall news again. */
const recovery = 0.1;

/** Tells once that an identity fell to a threshold, and again only after it had recovered. */
export function openBudgetWarnings(onWarning: (warning: BudgetWarning) => void) {
  const warned = new Map<string, number>();
  return {
    check(identity: string, remaining: number, limit: number): void {
      const share = remaining / Math.max(1, limit);
      const last = warned.get(identity);
      if (last !== undefined && share > last + recovery) warned.delete(identity);
      const threshold = thresholds.findLast((candidate) => share <= candidate);
      if (threshold === undefined || threshold >= (warned.get(identity) ?? Number.POSITIVE_INFINITY)) return;
      warned.set(identity, threshold);
      onWarning({ identity, threshold, remaining, limit });
    },
  };
}
