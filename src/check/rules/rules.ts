import type { Repository } from "../judge/repository.ts";
import { anonymousPullOnSharedEgress } from "./anonymous-pull-on-shared-egress.ts";
import { loginAfterPull, loginUnderWrongHost } from "./login-goes-wrong.ts";
import { emailAsUserName, loginMayFail, passwordOnCommandLine } from "./login-steps.ts";
import { anonymousPullElsewhere, hiddenSyntaxPull, noFixedTag, retryStorm } from "./other-pulls.ts";
import {
  environmentImageWithoutCredential,
  privilegedModeMissing,
  registryCredentialWithoutServiceRole,
  secretPermissionTooWide,
  secretWithoutPermission,
} from "./project-permissions.ts";
import { digestThroughPullThroughCache, pullThroughCacheName } from "./pull-through-cache.ts";
import type { Finding, Rule } from "./rule.ts";

/** In the order of their codes. */
export const rules: readonly Rule[] = [
  anonymousPullOnSharedEgress,
  loginUnderWrongHost,
  loginAfterPull,
  emailAsUserName,
  passwordOnCommandLine,
  secretWithoutPermission,
  secretPermissionTooWide,
  privilegedModeMissing,
  hiddenSyntaxPull,
  retryStorm,
  noFixedTag,
  digestThroughPullThroughCache,
  pullThroughCacheName,
  registryCredentialWithoutServiceRole,
  environmentImageWithoutCredential,
  anonymousPullElsewhere,
  loginMayFail,
];

/** All findings, by file and place. */
export function findAll(repository: Repository): Finding[] {
  return rules
    .flatMap((rule) => rule.find(repository))
    .sort((a, b) => compare(a.file.path, b.file.path) || a.range.start - b.range.start || compare(a.code, b.code));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
