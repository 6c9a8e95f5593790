// bin/chubo.js runs the bundle of scripts/bundle.ts only where it is made of the sources as they are.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { rolldown } from "rolldown";
import { isBundleCurrent, stampOf } from "../bin/bundle.js";

describe("the bundle", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "chubo-bundle-"));
    for (const folder of ["src", "dist"]) mkdirSync(join(root, folder));
    for (const name of ["one.ts", "two.ts"]) writeFileSync(join(root, "src", name), "export {};\n");
    const stamps = ["src/one.ts", "src/two.ts"].map((path) => [path, stampOf(join(root, path))]);
    writeFileSync(join(root, "dist", "inputs.json"), JSON.stringify(Object.fromEntries(stamps)));
    writeFileSync(join(root, "dist", "chubo.cjs"), "");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("is current while no source has changed", () => {
    assert.equal(isBundleCurrent(root), true);
  });

  test("is not current after a source was changed, to the same size too", () => {
    writeFileSync(join(root, "src", "two.ts"), "export[];\n\n");
    assert.equal(isBundleCurrent(root), false);
  });

  test("is not current after a source was removed", () => {
    rmSync(join(root, "src", "one.ts"));
    assert.equal(isBundleCurrent(root), false);
  });

  test("is not current while it is being made", () => {
    rmSync(join(root, "dist", "inputs.json"));
    assert.equal(isBundleCurrent(root), false);
    writeFileSync(join(root, "dist", "inputs.json"), '{"src/one.ts":');
    assert.equal(isBundleCurrent(root), false);
  });

  test("is current in a published package, which holds no sources", () => {
    rmSync(join(root, "src"), { recursive: true });
    assert.equal(isBundleCurrent(root), true);
  });

  test("gives stack traces the places of the sources", async () => {
    const source = join(root, "src", "thrower.ts");
    writeFileSync(
      source,
      "type Never = never;\n\nexport function fail(): Never {\n  throw new RangeError('no');\n}\nfail();\n",
    );
    const file = join(root, "dist", "chubo.cjs");
    const build = await rolldown({ input: source, platform: "node" });
    await build.write({ file, format: "cjs", sourcemap: true });
    const positions = join(import.meta.dirname, "..", "bin", "source-positions.js");
    const program = `
      Error.prepareStackTrace = (...given) =>
        require(${JSON.stringify(positions)}).formatStack(...given, ${JSON.stringify(file)});
      try { require(${JSON.stringify(file)}); } catch (error) { console.log(error.stack); }`;
    const printed = execFileSync(process.execPath, ["--eval", program], { encoding: "utf8" });
    assert.match(printed, new RegExp(`^RangeError: no\n    at fail \\(${source}:4:9\\)\n    at .*${source}:6:1\\)?\n`));
  });
});
