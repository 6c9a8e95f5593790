import type { Principal } from "../../aws-api/service.ts";

/**
 * True where a trust policy names the caller's own role or session. Within one account it may then assume the role
 * without a policy of its own; trust in the account leaves the decision to the caller's policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-permissions.html
 */
export function isTrustedByName(trustPolicy: string, { arn, roleName, account }: Principal): boolean {
  if (roleName === undefined) return false;
  const { Statement } = JSON.parse(trustPolicy) as { Statement: TrustStatement | TrustStatement[] };
  const names = [Statement].flat().flatMap(({ Effect, Principal: named }) => {
    return Effect === "Allow" && typeof named === "object" ? [named.AWS ?? []].flat() : [];
  });
  const isRole = (name: string) => name.startsWith(`arn:aws:iam::${account}:role/`) && name.endsWith(`/${roleName}`);
  return names.some((name) => name === arn || isRole(name));
}

interface TrustStatement {
  Effect: string;
  Principal?: string | { AWS?: string | string[] };
}
