import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchBlock } from "../../../buildspec/buildspec.ts";
import { parseBuildspec } from "../../../buildspec/parse-buildspec.ts";
import { planBatch } from "./plan-batch.ts";

function plan(batch: object) {
  const text = `${JSON.stringify({ version: 0.2, batch, phases: { build: { commands: ["true"] } } }, undefined, 1)}\n`;
  return planBatch(parseBuildspec(text).batch as BatchBlock);
}

test("a matrix is every combination of its lists, over what is static", () => {
  const builds = plan({
    "build-matrix": {
      static: { "ignore-failure": true, env: { type: "LINUX_CONTAINER", variables: { A: "static", S: "s" } } },
      dynamic: {
        buildspec: ["one.yml", "two.yml"],
        env: { image: ["x", "y", "z"], variables: { A: ["1", "2"], B: ["b"] } },
      },
    },
  });
  assert.equal(builds.length, 2 * 3 * 2);
  assert.deepEqual(builds.at(-1), {
    identifier: "build12",
    dependsOn: [],
    ignoreFailure: true,
    buildspec: "two.yml",
    environment: { type: "LINUX_CONTAINER", image: "z", variables: { A: "2", B: "b", S: "s" } },
  });
  const combinations = builds.map(({ buildspec, environment }) =>
    JSON.stringify([buildspec, environment.image, environment.variables.A]),
  );
  assert.equal(new Set(combinations).size, 12);
});

test("a fan-out is as many equal builds as its parallelism says, each with its share", () => {
  const builds = plan({ "build-fanout": { parallelism: 3 } });
  assert.deepEqual(
    builds.map(({ identifier, shard }) => [identifier, shard]),
    [
      ["build1", { index: 1, count: 3 }],
      ["build2", { index: 2, count: 3 }],
      ["build3", { index: 3, count: 3 }],
    ],
  );
});

const task = (identifier: string, ...dependOn: string[]) => ({ identifier, "depend-on": dependOn });
const refused: { title: string; tasks: object[]; message: RegExp; line?: number }[] = [
  { title: "two tasks of one name", tasks: [task("a"), task("a")], message: /^duplicate identifier a$/ },
  { title: "a dependency on none", tasks: [task("a"), task("b", "c")], message: /^b depends on c, which is not in/ },
  {
    title: "a circle",
    tasks: [task("x"), task("a", "x", "b"), task("b", "c"), task("c", "a")],
    message: /^circular dependency: a -> b -> c -> a$/,
  },
  { title: "a task that depends on itself", tasks: [task("a", "a")], message: /^circular dependency: a -> a$/ },
  { title: "a name with a dash", tasks: [task("a-b")], message: /^invalid identifier a-b$/ },
  { title: "no tasks", tasks: [], message: /^the batch has no tasks$/ },
];
for (const { title, tasks, message } of refused) {
  test(`a graph with ${title} is refused, with its line`, () => {
    assert.throws(
      () => plan({ "build-graph": tasks }),
      (error: Error & { line?: number }) => {
        assert.match(error.message, message);
        assert.equal(typeof error.line, tasks.length === 0 ? "undefined" : "number");
        return true;
      },
    );
  });
}

test("a chain of ten thousand tasks is no circle", () => {
  const tasks = Array.from({ length: 10_000 }, (_, index) =>
    task(`t${index}`, ...(index === 0 ? [] : [`t${index - 1}`])),
  );
  const block = {
    fastFail: false,
    plan: {
      kind: "graph",
      tasks: tasks.map((one) => ({ ...one, dependOn: one["depend-on"], environment: { variables: {} } })),
    },
  };
  assert.equal(planBatch(block as unknown as BatchBlock).length, 10_000);
});
