import { findImageReference } from "../../oci/image-reference.ts";

/** Stands in a name for a part that something outside decides. */
export const openPart = "\0";

/** The variables and expressions of all formats whose readers put none in. No longer than a name may be: a file may open many. */
const variables = /\$?\{\{.{0,255}?\}\}|\$?\{[^}]{0,255}\}|\$\([^)]{0,255}\)|\$\w+/g;

export function markVariables(written: string): string {
  return written.replace(variables, openPart);
}

/**
 * The registry of a name with open parts, as far as it is constant, with `*` for each of them. A name without a host before
 * its first open part that could be one is Docker Hub's: `python:$TAG`, `acme/app-$NAME`.
 */
export function findRegistryHint(name: string): string | undefined {
  const slash = name.indexOf("/");
  if (slash < 0) return /^[^\0]+[:@]/.test(name) ? "docker.io" : undefined;
  const first = name.slice(0, slash);
  if (!first.includes(openPart)) return findImageReference(`${first}/name`)?.registry;
  // A variable before the dot leaves no doubt that the first part is a host.
  return /[.:]/.test(first) ? first.replace(/\0+/g, "*") : undefined;
}
