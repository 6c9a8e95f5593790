import { type Leases, noReplicas } from "./leases.ts";

/**
 * Simultaneous callers for the same key share one run of the work; all get its result, or all its error.
 * Nothing is remembered afterwards: the next caller starts afresh. With leases the run waits for those of other replicas.
 */
export interface SingleFlight {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function openSingleFlight(leases: Leases = noReplicas): SingleFlight {
  const flights = new Map<string, Promise<unknown>>();
  return {
    run<T>(key: string, work: () => Promise<T>) {
      const under = flights.get(key) as Promise<T> | undefined;
      if (under !== undefined) return under;
      const flight = leases.hold(key, work).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
