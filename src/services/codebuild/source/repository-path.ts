/** Source types whose location is the URL of a git repository. */
export const gitSourceTypes = [
  "CODECOMMIT",
  "GITHUB",
  "GITHUB_ENTERPRISE",
  "BITBUCKET",
  "GITLAB",
  "GITLAB_SELF_MANAGED",
] as const;

export function isGitSource(type: string): boolean {
  return (gitSourceTypes as readonly string[]).includes(type);
}

/**
 * Where below `…/src` a repository lies, as on AWS: `github.com/OWNER/REPOSITORY`,
 * `git-codecommit.REGION.amazonaws.com/v1/repos/NAME`. Empty for a location that is no URL of a repository.
 */
export function repositoryPath(location: string): string {
  const scp = /^[^@/]+@([^:/]+):(?!\/\/)(.+)$/.exec(location);
  const url = scp === null ? URL.parse(location) : URL.parse(`ssh://${scp[1]}/${scp[2]}`);
  if (url === null || url.hostname === "") return "";
  const parts = url.pathname
    .replace(/\.git\/?$/, "")
    .split("/")
    .filter((part) => part !== "");
  const isPlain = parts.every((part) => /^[\w.~%-]+$/.test(part) && part !== ".." && part !== ".");
  return isPlain ? [url.hostname, ...parts].join("/") : "";
}
