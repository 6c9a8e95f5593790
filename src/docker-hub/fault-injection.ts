import type { Fault, FaultRule } from "./fault.ts";

/** Rules that wait for their requests. */
export interface FaultInjection {
  add(rule: FaultRule): void;
  clear(): void;
  /** Rules that have requests left, with `times` counted down. */
  list(): FaultRule[];
  /** The fault of the first rule that meets the request, which is spent by it. */
  take(request: { method: string; host: string; path: string }): Fault | undefined;
}

export function createFaultInjection(given: readonly FaultRule[]): FaultInjection {
  let rules: (FaultRule & { times: number; pattern: RegExp })[] = [];
  const add = (rule: FaultRule) => void rules.push({ ...rule, times: rule.times ?? 1, pattern: patternOf(rule.path) });
  for (const rule of given) add(rule);
  return {
    add,
    clear() {
      rules = [];
    },
    list: () => rules.map(({ pattern: _, ...rule }) => rule),
    take({ method, host, path }) {
      const name = host.replace(/:\d+$/, "");
      const rule = rules.find(
        (candidate) =>
          candidate.pattern.test(path) &&
          [undefined, method].includes(candidate.method) &&
          [undefined, name].includes(candidate.host),
      );
      if (rule === undefined) return undefined;
      rule.times -= 1;
      rules = rules.filter(({ times }) => times > 0);
      return rule.fault;
    },
  };
}

function patternOf(path: string): RegExp {
  const literal = path.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*")}$`, "s");
}
