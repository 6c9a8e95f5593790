import assert from "node:assert/strict";
import { test } from "node:test";
import { findSourceDirectory, parseSourceStandIn } from "./source-stand-in.ts";

const parse = (text: string) => parseSourceStandIn(text, "/home/dev");

test("a source is a directory, or a repository's URL and the directory that stands in for it", () => {
  assert.deepEqual(parse("app"), { directory: "/home/dev/app" });
  assert.deepEqual(parse("/a=b"), { directory: "/a=b" });
  assert.deepEqual(parse("https://github.com/o/r=app"), {
    location: "https://github.com/o/r",
    directory: "/home/dev/app",
  });
  assert.deepEqual(parse("git@github.com:o/r.git=."), { location: "git@github.com:o/r.git", directory: "/home/dev" });
});

test("a repository's own directory comes first; the one without a URL stands in for primary sources only", () => {
  const standIns = [parse("own"), parse("https://github.com/o/r=named")];
  const find = (location: string, sourceIdentifier?: string) =>
    findSourceDirectory(standIns, {
      type: "GITHUB",
      location,
      ...(sourceIdentifier === undefined ? {} : { sourceIdentifier }),
    });
  assert.equal(find("https://github.com/o/r.git"), "/home/dev/named");
  assert.equal(find("https://github.com/o/r", "two"), "/home/dev/named");
  assert.equal(find("https://github.com/o/other"), "/home/dev/own");
  assert.equal(find("https://github.com/o/other", "two"), undefined);
});
