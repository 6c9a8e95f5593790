import assert from "node:assert/strict";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { buildspecOf, writeRepository } from "../../test/fixtures/check-repository.ts";
import { keepLimitReadings } from "../server/limit-readings.ts";
import { runProgram } from "./program.ts";

const buildspec = buildspecOf("docker pull httpd:2.4", "docker pull nginx:1.27");

async function check(directory: string, words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const view = { stdin: Readable.from([]), stdout, stderr, currentDirectory: directory };
  const status = await runProgram(["check", ...words], { ...view, variables: { NO_COLOR: "1" } });
  return { status, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

const repository = (t: TestContext, text = buildspec) => writeRepository(t, { "buildspec.yml": text });

test("after the findings stands the chance that a build fails, by the pulls that the files tell", async (t) => {
  const words = ["--forecast", "--addresses", "2", "--others", "26", "--builds-per-hour", "3"];
  const { status, out } = await check(repository(t), words);
  assert.equal(status, 1);
  assert.match(out, /CHUBO001.*at most 4 counted per build\n\nChance that a build is refused/s);
  assert.match(out, /^ +builds +3 an hour, 4 counted pulls each$/m);
  assert.match(out, /^ +by the files: buildspec\.yml$/m);
  assert.match(out, /^[\d.]+ % of the builds fail\.$/m);
  assert.match(out, /^ +[\d.]+ % +two requests for a manifest are one pull$/m);
});

test("--json has the same chance as chubo forecast with that many pulls, and the build that it is of", async (t) => {
  const given = ["--addresses", "2", "--others", "26", "--json"];
  const root = repository(t);
  const { forecast } = JSON.parse((await check(root, ["--forecast", ...given])).out);
  assert.equal(forecast.build, "buildspec.yml");
  assert.equal(forecast.situation.countedPerBuild, 4);
  assert.equal(forecast.origins.countedPerBuild, "files");
  const stdout = new PassThrough();
  const view = { stdin: Readable.from([]), stdout, stderr: new PassThrough(), currentDirectory: root, variables: {} };
  await runProgram(["forecast", ...given, "--pulls-per-build", "4"], view);
  assert.equal(forecast.chance, JSON.parse(String(stdout.read())).chance);
});

test("the others' load is estimated from readings, and the user's count goes before the files'", async (t) => {
  const root = repository(t);
  const usual = {
    upstream: "docker.io",
    identity: "anonymous",
    limit: 100,
    windowSeconds: 21_600,
    source: "192.0.2.1",
  };
  const readings = [0, 6, 12].map((hours) => ({ ...usual, time: hours * 3_600_000, remaining: 40 }));
  keepLimitReadings(join(root, "state"), readings);
  const words = ["--forecast", "--addresses", "1", "--readings", "state", "--pulls-per-build", "1", "--json"];
  const { forecast } = JSON.parse((await check(root, words)).out);
  assert.equal(forecast.origins.othersPerHour, "readings");
  assert.equal(forecast.origins.countedPerBuild, "given");
});

test("a build that pulls as an account is refused by no address's limit", async (t) => {
  const text = buildspec.replace("docker pull httpd", "docker login --username alice --password-stdin\n      - $&");
  const { out } = await check(repository(t, text), ["--forecast", "--addresses", "2", "--others", "900"]);
  assert.match(out, /no build makes a counted pull without an account/);
  assert.match(out, /^The builds make no counted pull: any number of them is safe\.$/m);
});

test("without addresses, without --forecast and for formats of machines it is refused by name", async (t) => {
  const root = repository(t);
  for (const [words, code] of [
    [["--forecast"], "CHECK_ADDRESSES"],
    [["--builds-per-hour", "4"], "CHECK_OPTION"],
    [["--forecast", "--addresses", "1", "--format", "sarif"], "CHECK_OPTION"],
  ] as const) {
    const { status, out, err } = await check(root, [...words]);
    assert.deepEqual({ status, out, code: /\[(\w+)\]/.exec(err)?.[1] }, { status: 2, out: "", code });
  }
});
