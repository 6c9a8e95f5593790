// Tag lists in pages: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
import assert from "node:assert/strict";
import { type ConformanceCase, type ConformanceGroup, expectStatus } from "./conformance-group.ts";
import { pushManifest } from "./content-cases.ts";
import type { DataSet, TestManifest } from "./data-sets.ts";
import { pushBlob } from "./push-blob.ts";
import type { Answer, RegistryClient } from "./registry-client.ts";

const tags = ["a", "b", "c", "d", "e"];

function tagsOf(answer: Answer): string[] {
  expectStatus(answer, 200);
  return (JSON.parse(answer.body.toString("utf8")) as { tags: string[] | null }).tags ?? [];
}

export function tagListGroup({ blobs, manifests }: DataSet, repository: string): ConformanceGroup {
  const path = `${repository}/tags/list`;
  const pages: [query: string, expected: string[]][] = [
    ["n=0", []],
    ["n=1", ["a"]],
    ["n=2", ["a", "b"]],
    ["n=5", tags],
    ["n=1000", tags],
    ["n=2&last=b", ["c", "d"]],
    ["n=2&last=d", ["e"]],
    ["n=2&last=e", []],
    ["last=b", ["c", "d", "e"]],
    ["last=bb", ["c", "d", "e"]],
    ["n=0&last=b", []],
  ];
  return {
    name: "tag list pagination",
    cases: [
      {
        name: "push five tags",
        async run(registry) {
          for (const blob of blobs) await pushBlob(registry, repository, blob);
          const manifest = manifests[0] as TestManifest;
          for (const tag of tags.toReversed()) await pushManifest(registry, repository, tag, manifest);
          assert.deepEqual(tagsOf(await registry.send("GET", path)), tags);
        },
      },
      ...pages.map(([query, expected]) => pageCase(path, query, expected)),
      {
        name: "following Link gives every tag once",
        async run(registry) {
          const seen: string[] = [];
          let next: string | undefined = `${path}?n=2`;
          while (next !== undefined) {
            const answer: Answer = await registry.send("GET", next);
            seen.push(...tagsOf(answer));
            next = nextOf(answer);
            assert.ok(seen.length <= tags.length, `${seen} does not end`);
          }
          assert.deepEqual(seen, tags);
        },
      },
    ],
  };
}

function pageCase(path: string, query: string, expected: string[]): ConformanceCase {
  return {
    name: query,
    async run(registry: RegistryClient) {
      const answer = await registry.send("GET", `${path}?${query}`);
      assert.deepEqual(tagsOf(answer), expected);
      if (query.startsWith("n=0")) assert.equal(answer.headers.link, undefined);
      if (expected.at(-1) === "e") assert.equal(nextOf(answer), undefined);
    },
  };
}

/** The target of `Link: <…>; rel="next"`. */
function nextOf({ headers }: Answer): string | undefined {
  return /<([^>]+)>;\s*rel="?next"?/.exec(String(headers.link ?? ""))?.[1];
}
