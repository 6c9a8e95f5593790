import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { keepLimitReadings, type LimitReading } from "../server/limit-readings.ts";
import { runProgram } from "./program.ts";

/** The command line as a user types it, in an empty directory. */
function openShell(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "chubo-forecast-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return {
    directory,
    async forecast(words: string[], variables: Record<string, string> = {}) {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const view = { stdin: Readable.from([]), stdout, stderr, currentDirectory: directory };
      const status = await runProgram(["forecast", ...words], { ...view, variables: { NO_COLOR: "1", ...variables } });
      return { status, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
    },
  };
}

const ranges = JSON.stringify({
  createDate: "2026-11-01-00-00-00",
  prefixes: [{ ip_prefix: "192.0.2.0/30", region: "us-east-1", service: "CODEBUILD" }],
});

function reading(hours: number, remaining: number, more: Partial<LimitReading> = {}): LimitReading {
  const usual = {
    upstream: "docker.io",
    identity: "anonymous",
    limit: 100,
    windowSeconds: 21_600,
    source: "192.0.2.1",
  };
  return { ...usual, time: hours * 3_600_000, remaining, ...more };
}

test("chubo forecast says how many builds fail, how many are safe, what is assumed, and what if it is otherwise", async (t) => {
  const { forecast } = openShell(t);
  const { status, out } = await forecast(["--addresses", "2", "--others", "26"]);
  assert.equal(status, 0);
  assert.match(out, /^15\.4 % of the builds fail\.$/m);
  assert.match(out, /^Only up to 8 builds a day fail no more often than 1 in 100\.$/m);
  assert.match(out, /^ +builds +4 an hour \(assumed\), 2 counted pulls each \(assumed\)$/m);
  assert.match(out, /^ +<0\.1 % +the window is 1 h/m);
  assert.match(out, /^ +6\.5 % +the window does not roll/m);
  assert.match(out, /^ +4 #+ +15\.4 % <$/m);
});

test("what is given is not called assumed, and no doubt is told of it", async (t) => {
  const { forecast } = openShell(t);
  const settings = "--builds 8 --pulls-per-build 3 --limit 200 --window 3600 --window-kind fixed --count-rejected";
  const { out } = await forecast(["--addresses", "1", "--others", "0.5", ...settings.split(" ")]);
  assert.doesNotMatch(out, /assumed|not known/);
  assert.match(out, /200 pulls of an address in 1 h$/m);
  assert.match(out, /fixed window, refused pulls counted$/m);
});

test("where the others' load is not known, several are shown and no number of one's own", async (t) => {
  const { forecast } = openShell(t);
  const { out } = await forecast(["--region", "ap-northeast-1"]);
  assert.match(out, /addresses 16 \(CodeBuild's in ap-northeast-1, by ip-ranges\.json as quoted in October 2024\)/);
  assert.match(out, /not known: give --others/);
  assert.match(out, /^ +200 +75 % +160 +#* +0\.6 %$/m);
  assert.doesNotMatch(out, /of the builds fail/);
  const result = JSON.parse((await forecast(["--region", "ap-northeast-1", "--json"])).out);
  assert.equal("chance" in result || "othersPerHour" in result.situation, false);
  assert.equal(result.loads.length, 9);
});

test("--ip-ranges counts the region's addresses, of AWS_REGION too", async (t) => {
  const { forecast, directory } = openShell(t);
  writeFileSync(join(directory, "ranges.json"), ranges);
  const words = ["--ip-ranges", "ranges.json", "--others", "1", "--json"];
  for (const answer of [
    await forecast(["--region", "us-east-1", ...words]),
    await forecast(words, { AWS_REGION: "us-east-1" }),
  ]) {
    const { situation, origins, addressesFrom } = JSON.parse(answer.out);
    assert.deepEqual([situation.addresses, origins.addresses], [4, "ip-ranges"]);
    assert.match(addressesFrom, /ranges\.json of 2026-11-01/);
  }
});

test("readings of chubo limit give the others' load, less one's own, for all addresses", async (t) => {
  const { forecast, directory } = openShell(t);
  keepLimitReadings(join(directory, ".chubo"), [
    reading(6, 40),
    reading(12, 40),
    reading(12, 0, { identity: "alice" }),
    reading(12, 0, { upstream: "mirror.example" }),
  ]);
  const words = ["--addresses", "2", "--builds", "2", "--pulls-per-build", "1", "--readings", ".chubo"];
  // 60 pulls in six hours at an address, of which one an hour is one's own.
  const { situation, estimate, origins } = JSON.parse((await forecast([...words, "--json"])).out);
  assert.equal(situation.othersPerHour, 18);
  assert.deepEqual([estimate.sources, estimate.hours, estimate.isLowerBound], [1, 12, false]);
  assert.deepEqual([origins.othersPerHour, origins.limit, origins.windowSeconds], ["readings", "readings", "readings"]);
  keepLimitReadings(join(directory, ".chubo"), [reading(18, 0)]);
  const { out } = await forecast(words);
  assert.match(out, /or more: at times nothing was left/);
  assert.match(out, /^at least [\d.]+ % of the builds fail\.$/m);
});

test("a daily profile shows the hour at which it is worst, and builds fail as often as in the day's mean", async (t) => {
  const { forecast } = openShell(t);
  const weights = Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 16 ? 3 : 1)).join(",");
  const words = ["--addresses", "2", "--others", "26", "--profile", weights];
  const { chance, byHour } = JSON.parse((await forecast([...words, "--json"])).out);
  assert.ok(Math.abs(chance - byHour.reduce((sum: number, one: number) => sum + one) / 24) < 1e-12);
  const worst = byHour.indexOf(Math.max(...byHour));
  assert.match((await forecast(words)).out, new RegExp(`^ +${worst} #+ +[\\d.]+ % <$`, "m"));
});

test("--svg writes the chart that fits to what is known", async (t) => {
  const { forecast, directory } = openShell(t);
  const draw = async (words: string[]) => {
    assert.equal((await forecast(["--addresses", "2", "--svg", "chart.svg", ...words])).status, 0);
    return readFileSync(join(directory, "chart.svg"), "utf8");
  };
  assert.match(await draw([]), />pulls of others in an hour</);
  assert.match(await draw(["--others", "26"]), />builds in an hour</);
  assert.match(await draw(["--others", "26", "--profile", new Array(24).fill(1).join(",")]), />hour of the day, UTC</);
});

test("bad input ends with 2 and a code, and nothing is told", async (t) => {
  const { forecast, directory } = openShell(t);
  writeFileSync(join(directory, "broken.json"), "{");
  writeFileSync(join(directory, "ranges.json"), ranges);
  mkdirSync(join(directory, "none"));
  const two = ["--addresses", "2"];
  const cases: [string, string[]][] = [
    ["CHECK_ADDRESSES", []],
    ["CHECK_ADDRESSES", ["--region", "us-east-1"]],
    ["CHECK_ADDRESSES", [...two, "--ip-ranges", "ranges.json"]],
    ["CONFIG_REGION", ["--region", "moon"]],
    ["CHECK_IP_RANGES", ["--region", "us-east-1", "--ip-ranges", "broken.json"]],
    ["CHECK_IP_RANGES", ["--region", "us-east-1", "--ip-ranges", "missing.json"]],
    ["CHECK_IP_RANGES", ["--region", "us-east-1", "--ip-ranges", "none"]],
    ["CHECK_IP_RANGES", ["--region", "eu-west-1", "--ip-ranges", "ranges.json"]],
    ["CONFIG_NUMBER", ["--addresses", "0"]],
    ["CONFIG_NUMBER", ["--addresses", "1.5"]],
    ["CONFIG_NUMBER", [...two, "--others", "-1"]],
    ["CONFIG_NUMBER", [...two, "--others", "NaN"]],
    ["CONFIG_NUMBER", [...two, "--others", "1e3"]],
    ["CONFIG_NUMBER", [...two, "--builds", "99999999999"]],
    ["CONFIG_NUMBER", [...two, "--limit", "1000000000"]],
    ["CONFIG_NUMBER", [...two, "--window", "0"]],
    ["CHECK_FORECAST", [...two, "--profile", "1,2,3"]],
    ["CHECK_FORECAST", [...two, "--profile", `${"1,".repeat(23)}x`]],
    ["CHECK_READINGS", [...two, "--readings", "none"]],
    ["CHECK_SVG", [...two, "--svg", "missing/chart.svg"]],
  ];
  for (const [code, words] of cases) {
    const answer = await forecast(words);
    assert.deepEqual([answer.status, answer.out], [2, ""], `${words.join(" ")}: ${answer.err}`);
    assert.match(answer.err, new RegExp(`\\[${code}\\]`), words.join(" "));
  }
});
