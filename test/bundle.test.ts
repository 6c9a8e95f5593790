// bin/chubo.js runs the bundle of scripts/bundle.ts only where it is made of the sources as they are.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { rolldown } from "rolldown";
import { findCurrentBundle, manifestFile, stampOf } from "../bin/bundle.js";
import manifest from "../package.json" with { type: "json" };

describe("the bundle", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "chubo-bundle-"));
    for (const folder of ["src", "dist"]) mkdirSync(join(root, folder));
    for (const name of ["one.ts", "two.ts"]) writeFileSync(join(root, "src", name), "export {};\n");
    const stamps = ["src/one.ts", "src/two.ts"].map((path) => [path, stampOf(join(root, path))]);
    const made = { file: "chubo-1.cjs", inputs: Object.fromEntries(stamps) };
    writeFileSync(join(root, manifestFile), JSON.stringify(made));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("is current while no source has changed", () => {
    assert.equal(findCurrentBundle(root), join(root, "dist", "chubo-1.cjs"));
  });

  test("is not current after a source was changed, to the same size too", () => {
    writeFileSync(join(root, "src", "two.ts"), "export[];\n\n");
    assert.equal(findCurrentBundle(root), undefined);
  });

  test("is not current after a source was removed", () => {
    rmSync(join(root, "src", "one.ts"));
    assert.equal(findCurrentBundle(root), undefined);
  });

  test("is not current while it is being made", () => {
    rmSync(join(root, manifestFile));
    assert.equal(findCurrentBundle(root), undefined);
    writeFileSync(join(root, manifestFile), '{"file":');
    assert.equal(findCurrentBundle(root), undefined);
  });

  test("is current in a published package, which holds no sources", () => {
    rmSync(join(root, "src"), { recursive: true });
    assert.equal(findCurrentBundle(root), join(root, "dist", "chubo-1.cjs"));
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

  test("leaves V8's code cache, and runs with one that V8 refuses", () => {
    const file = join(root, "dist", "chubo-2.cjs");
    writeFileSync(file, "import('node:os').then((os) => console.log(typeof os.EOL));\n");
    const starter = join(import.meta.dirname, "..", "bin", "code-cache.js");
    const cache = `${file}.run.cache`;
    const run = () => {
      const given = [file, cache].map((path) => JSON.stringify(path)).join(", ");
      const program = `require(${JSON.stringify(starter)}).runWithCodeCache(${given})`;
      const { stdout, stderr } = spawnSync(process.execPath, ["--eval", program], { encoding: "utf8" });
      // Of the loader that Node calls experimental nobody needs to hear.
      assert.equal(stderr, "");
      return stdout;
    };
    assert.equal(run(), "string\n");
    const written = readFileSync(cache);
    writeFileSync(cache, "no code");
    assert.equal(run(), "string\n");
    assert.equal(readFileSync(cache).length, written.length);
    assert.deepEqual(readdirSync(join(root, "dist")).sort(), ["bundle.json", "chubo-2.cjs", "chubo-2.cjs.run.cache"]);
  });

  test("is started by the installed command on the package's own Node, whatever PATH says", () => {
    const command = join(root, "chubo");
    symlinkSync(join(import.meta.dirname, "..", "bin", "chubo"), command);
    // Another `node` that would be found there fails.
    writeFileSync(join(root, "node"), "#!/bin/sh\nexit 9\n", { mode: 0o755 });
    const version = execFileSync(command, ["--version"], { env: { PATH: `${root}:/usr/bin:/bin` }, encoding: "utf8" });
    assert.equal(version, `${manifest.version}\n`);
  });
});
