import assert from "node:assert/strict";
import { test } from "node:test";
import { countCodeBuildAddresses, findBuiltInAddresses } from "./ip-ranges.ts";

const region = "ap-northeast-1";
const group = { network_border_group: region };

function fileOf(prefixes: unknown[], ipv6: unknown[] = []): string {
  return JSON.stringify({ syncToken: "1", createDate: "2024-10-01-00-00-00", prefixes, ipv6_prefixes: ipv6 });
}

const codeBuild = (ip_prefix: string, more = {}) => ({ ip_prefix, region, service: "CODEBUILD", ...group, ...more });
const count = (text: string, where = region) => countCodeBuildAddresses(text, where, "ip-ranges.json");

test("the addresses of CODEBUILD in the region are counted, those of other services and regions are not", () => {
  const text = fileOf([
    codeBuild("13.112.191.184/29"),
    codeBuild("35.75.131.80/29"),
    codeBuild("18.208.0.0/13", { service: "AMAZON" }),
    codeBuild("34.228.4.208/28", { region: "us-east-1" }),
  ]);
  const found = count(text);
  assert.equal(found.addresses, 16);
  assert.deepEqual(found.prefixes, ["13.112.191.184/29", "35.75.131.80/29"]);
  assert.match(found.source, /2024-10-01/);
  assert.equal(count(text, "us-east-1").addresses, 16);
});

test("what is built in is what the file of its time says, and other regions are not known", () => {
  const builtIn = findBuiltInAddresses(region);
  assert.equal(builtIn?.addresses, count(fileOf(builtIn?.prefixes.map((prefix) => codeBuild(prefix)) ?? [])).addresses);
  assert.match(builtIn?.source ?? "", /October 2024/);
  assert.equal(findBuiltInAddresses("us-east-1"), undefined);
});

test("IPv6 counts by networks of 64 bits, and a narrower prefix is one", () => {
  const ipv6 = ["2001:db8::/60", "2001:db8:1::/64", "2001:db8:2::/80"];
  const prefixes = ipv6.map((ipv6_prefix) => ({ ipv6_prefix, region, service: "CODEBUILD" }));
  assert.equal(count(fileOf([codeBuild("192.0.2.1/32")], prefixes)).addresses, 16 + 1 + 1 + 1);
});

test("a prefix that stands twice or within another one adds nothing", () => {
  const prefixes = ["192.0.2.8/30", "192.0.2.0/28", "192.0.2.0/28", "192.0.2.16/32"];
  assert.equal(count(fileOf(prefixes.map((prefix) => codeBuild(prefix)))).addresses, 17);
});

test("a region without CodeBuild is named with those that have it", () => {
  assert.throws(() => count(fileOf([codeBuild("192.0.2.0/29")]), "eu-west-1"), {
    code: "CHECK_IP_RANGES",
    message: /CODEBUILD in eu-west-1/,
    hint: /ap-northeast-1/,
  });
  assert.throws(() => count(fileOf([])), { code: "CHECK_IP_RANGES", hint: /none of CODEBUILD/ });
});

for (const [title, text] of [
  ["no JSON", "<html>"],
  ["an empty file", ""],
  ["JSON that is no object", "null"],
  ["another document", '{"prefixes":7}'],
  ["a prefix that is no object", fileOf([7, null])],
  ["IPv6 prefixes that are no list", '{"prefixes":[],"ipv6_prefixes":{}}'],
  ["a prefix without a network", fileOf([codeBuild("here")])],
  ["a prefix that is a number", fileOf([{ ip_prefix: 7, region, service: "CODEBUILD" }])],
  ["an address that is none", fileOf([codeBuild("300.1.1.1/8")])],
  ["more bits than an address has", fileOf([codeBuild("192.0.2.0/33")])],
] as const) {
  test(`${title} is refused with the file's name`, () => {
    assert.throws(() => count(text), { code: "CHECK_IP_RANGES", place: { file: "ip-ranges.json" } });
  });
}
