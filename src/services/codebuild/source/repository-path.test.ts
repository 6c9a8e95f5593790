import assert from "node:assert/strict";
import { test } from "node:test";
import { repositoryPath } from "./repository-path.ts";

for (const [location, path] of [
  ["https://github.com/owner/repo", "github.com/owner/repo"],
  ["https://github.com/owner/repo.git", "github.com/owner/repo"],
  ["git@github.com:owner/repo.git", "github.com/owner/repo"],
  ["ssh://git@bitbucket.org/owner/repo.git", "bitbucket.org/owner/repo"],
  [
    "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app",
    "git-codecommit.eu-west-1.amazonaws.com/v1/repos/app",
  ],
  ["https://user:secret@gitlab.com/group/sub/repo", "gitlab.com/group/sub/repo"],
  ["https://github.com/a/../../b", "github.com/b"],
  ["CODEPIPELINE", ""],
  ["", ""],
] as const) {
  test(`the repository ${location || "without a URL"} lies at ${path || "the top"}`, () => {
    assert.equal(repositoryPath(location), path);
  });
}
