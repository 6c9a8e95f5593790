import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/manifest.ts";
import type { ManifestRecord } from "../../registry/repository-records.ts";
import { evaluateLifecyclePolicy } from "./evaluate-lifecycle-policy.ts";
import { parseLifecyclePolicy } from "./lifecycle-policy.ts";

const now = new Date("2026-11-25T00:00:00Z");
const day = 24 * 3600 * 1000;

interface TestImage {
  name: string;
  tags?: string[];
  /** Days. */
  age: number;
  names?: string[];
  subject?: string;
}

function recordOf({ name, age, names = [], subject }: TestImage): ManifestRecord {
  return {
    digest: digestOf(name),
    mediaType: mediaTypes.imageManifest,
    size: 1,
    imageSize: 1,
    blobs: [],
    manifests: names.map((each) => digestOf(each)),
    ...(subject === undefined ? {} : { subject: digestOf(subject) }),
    pushedAt: now.getTime() - age * day,
  };
}

function evaluate(rules: object[], images: TestImage[]): string[] {
  const policy = parseLifecyclePolicy(JSON.stringify({ rules }));
  const tags = new Map(images.flatMap(({ name, tags }) => (tags === undefined ? [] : [[digestOf(name), tags]])));
  const expiring = evaluateLifecyclePolicy(policy, images.map(recordOf), tags, now);
  const nameOf = (digest: string) => images.find(({ name }) => digestOf(name) === digest)?.name;
  return expiring.map(({ record, rulePriority }) => `${nameOf(record.digest)} by ${rulePriority}`);
}

function rule(rulePriority: number, selection: object): object {
  return { rulePriority, selection, action: { type: "expire" } };
}

const tagged = (...tagPrefixList: string[]) => ({ tagStatus: "tagged", tagPrefixList });
const count = (countNumber: number) => ({ countType: "imageCountMoreThan", countNumber });
const days = (countNumber: number) => ({ countType: "sinceImagePushed", countUnit: "days", countNumber });

test("a rule by number keeps the youngest images", () => {
  const images = [1, 2, 3, 4].map((age) => ({ name: `${age}`, tags: [`t${age}`], age }));
  assert.deepEqual(evaluate([rule(1, { tagStatus: "any", ...count(2) })], images), ["3 by 1", "4 by 1"]);
});

test("a rule by age expires images that are older than its days", () => {
  const images = [13, 14, 15].map((age) => ({ name: `${age}`, age }));
  assert.deepEqual(evaluate([rule(1, { tagStatus: "untagged", ...days(14) })], images), ["15 by 1"]);
});

test("an image must have a tag for each prefix and for each pattern", () => {
  const images = [
    { name: "both", tags: ["prod-1", "eu"], age: 9 },
    { name: "one", tags: ["prod-2"], age: 9 },
    { name: "none", age: 9 },
  ];
  assert.deepEqual(evaluate([rule(1, { ...tagged("prod", "eu"), ...days(1) })], images), ["both by 1"]);
  const patterns = { tagStatus: "tagged", tagPatternList: ["p*-2"] };
  assert.deepEqual(evaluate([rule(1, { ...patterns, ...days(1) })], images), ["one by 1"]);
});

test("an image that a rule selects is left alone by those of lower priority, which count it all the same", () => {
  const images = [
    { name: "prod old", tags: ["prod-1"], age: 30 },
    { name: "prod new", tags: ["prod-2"], age: 1 },
    { name: "dev new", tags: ["dev-2"], age: 2 },
    { name: "dev old", tags: ["dev-1"], age: 20 },
  ];
  const rules = [rule(2, { tagStatus: "any", ...count(1) }), rule(1, { ...tagged("prod"), ...count(1) })];
  assert.deepEqual(evaluate(rules, images), ["prod old by 1", "dev new by 2", "dev old by 2"]);
  const keepsProduction = [rule(1, { ...tagged("prod"), ...count(99) }), rule(2, { tagStatus: "any", ...count(2) })];
  assert.deepEqual(evaluate(keepsProduction, images), ["dev old by 2"]);
});

test("an image stays while an index names it, and an artifact while its subject is there", () => {
  const images = [
    { name: "child", age: 30 },
    { name: "index", tags: ["v1"], age: 1, names: ["child"] },
    { name: "signature", age: 30, subject: "index" },
    { name: "signature of nothing", age: 30, subject: "gone" },
  ];
  assert.deepEqual(evaluate([rule(1, { tagStatus: "untagged", ...days(7) })], images), ["signature of nothing by 1"]);
});

const valid = rule(1, { tagStatus: "any", ...count(1) });
const faulty: [policy: unknown, reason: RegExp][] = [
  ["{", /not JSON/],
  [{ rules: [] }, /at least one rule/],
  [{ rules: [valid, valid] }, /unique/],
  [{ rules: [valid, rule(2, { tagStatus: "untagged", ...count(1) })] }, /highest rulePriority/],
  [{ rules: [rule(0, { tagStatus: "any", ...count(1) })] }, /positive integer/],
  [{ rules: [rule(1, { tagStatus: "some", ...count(1) })] }, /tagStatus of rule 1/],
  [{ rules: [rule(1, { tagStatus: "tagged", ...count(1) })] }, /one of tagPrefixList and tagPatternList/],
  [{ rules: [rule(1, { tagStatus: "any", tagPrefixList: ["a"], ...count(1) })] }, /none otherwise/],
  [{ rules: [rule(1, { tagStatus: "any", countType: "sinceImagePushed", countNumber: 1 })] }, /countUnit/],
  [{ rules: [rule(1, { tagStatus: "any", countType: "sinceImagePulled", countNumber: 1 })] }, /sinceImagePulled/],
  [{ rules: [{ ...valid, action: { type: "transition" } }] }, /any action but expire/],
];
for (const [policy, reason] of faulty) {
  test(`refuses a policy because of ${reason.source}`, () => {
    const text = typeof policy === "string" ? policy : JSON.stringify(policy);
    assert.throws(() => parseLifecyclePolicy(text), { name: "InvalidParameterException", message: reason });
  });
}
