import assert from "node:assert/strict";
import { test } from "node:test";
import { findSourceDirectory, parseSourceStandIn } from "./source-stand-in.ts";

const parse = (text: string) => parseSourceStandIn(text, "/work");

test("a source is a directory, or a repository's URL and the directory that stands in for it", () => {
  assert.deepEqual(parse("app"), { directory: "/work/app" });
  assert.deepEqual(parse("/a=b"), { directory: "/a=b" });
  assert.deepEqual(parse("https://github.com/o/r=app"), { location: "https://github.com/o/r", directory: "/work/app" });
  assert.deepEqual(parse("git@github.com:o/r.git=."), { location: "git@github.com:o/r.git", directory: "/work" });
});

test("a repository's own directory comes first; the one without a URL stands in for primary sources only", () => {
  const standIns = [parse("own"), parse("https://github.com/o/r=named")];
  const find = (location: string, sourceIdentifier?: string) =>
    findSourceDirectory(standIns, {
      type: "GITHUB",
      location,
      ...(sourceIdentifier === undefined ? {} : { sourceIdentifier }),
    });
  assert.equal(find("https://github.com/o/r.git"), "/work/named");
  assert.equal(find("https://github.com/o/r", "two"), "/work/named");
  assert.equal(find("https://github.com/o/other"), "/work/own");
  assert.equal(find("https://github.com/o/other", "two"), undefined);
});
