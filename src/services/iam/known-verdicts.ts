import type { CallContext } from "../../aws-api/service.ts";
import type { RolePolicies } from "./authorize.ts";

/** Entries; beyond them everything is decided afresh once. */
const maximum = 10_000;

/** What was read of a role and decided by it, for as long as no role and no policy is written. */
export interface KnownVerdicts<Verdict extends string> {
  policiesOf(roleName: string): RolePolicies | undefined;
  decide(
    policies: RolePolicies | undefined,
    request: { context: CallContext; action: string; resource: string },
    decide: () => Verdict,
  ): Verdict;
}

export function createKnownVerdicts<Verdict extends string>(
  findRolePolicies: (roleName: string) => RolePolicies | undefined,
  version: () => number,
): KnownVerdicts<Verdict> {
  const roles = new Map<string, { policies: RolePolicies | undefined }>();
  const verdicts = new Map<string, Verdict>();
  const dated = new WeakSet<RolePolicies>();
  let knownVersion = version();

  function forgetOld(): void {
    const current = version();
    if (current === knownVersion && roles.size < maximum && verdicts.size < maximum) return;
    knownVersion = current;
    roles.clear();
    verdicts.clear();
  }

  return {
    policiesOf(roleName) {
      forgetOld();
      const known = roles.get(roleName);
      if (known !== undefined) return known.policies;
      const policies = findRolePolicies(roleName);
      roles.set(roleName, { policies });
      if (policies !== undefined && dependsOnTime(policies)) dated.add(policies);
      return policies;
    },
    decide(policies, { context: { principal, region }, action, resource }, decide) {
      if (policies === undefined || dated.has(policies)) return decide();
      forgetOld();
      const key = `${principal.arn} ${principal.userId} ${region} ${action} ${resource}`;
      const known = verdicts.get(key);
      if (known !== undefined) return known;
      const verdict = decide();
      verdicts.set(key, verdict);
      return verdict;
    },
  };
}

/** In a condition, or in a variable of a resource. All other values that are decided by belong to the key above. */
function dependsOnTime({ identity, boundary }: RolePolicies): boolean {
  return /aws:(currenttime|epochtime)/i.test(JSON.stringify([identity, boundary]));
}
