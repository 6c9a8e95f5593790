import { anonymousPullOnSharedEgress } from "./anonymous-pull-on-shared-egress.ts";
import { curatedImageElsewhere } from "./curated-image-elsewhere.ts";
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
import type { Rule } from "./rule.ts";

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
  curatedImageElsewhere,
  registryCredentialWithoutServiceRole,
  environmentImageWithoutCredential,
  anonymousPullElsewhere,
  loginMayFail,
];
