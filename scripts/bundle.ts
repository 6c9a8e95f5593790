// Makes dist/chubo-HASH.cjs of src/ and the small libraries that a start needs: it then reads one file instead of three hundred.
// `npm install` runs this, and bin/chubo.js takes the sources again as soon as one of them has changed.
import { existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import type { Plugin } from "rolldown";
import { manifestFile, stampOf } from "../bin/bundle.js";

const root = join(import.meta.dirname, "..");
const made = join(root, "dist");
/** Large, and loaded late or by few commands: node_modules gives them as they are. */
const external = /^(@aws-sdk|@smithy|@clack|@redis)\//;

/**
 * Node's own modules, each with the first module that uses it. An `import` would be evaluated at the start for the whole
 * file, and reads every export: those of `node:util`, `node:crypto` and `node:http` load a lot that nobody uses.
 */
const builtinModules: Plugin = {
  name: "builtin-modules",
  resolveId: (id) => (isBuiltin(id) ? { id: `\0${id}`, moduleSideEffects: false } : undefined),
  load: (id) =>
    id.startsWith("\0") && isBuiltin(id.slice(1))
      ? `module.exports = process.getBuiltinModule("${id.slice(1)}");`
      : undefined,
};

rmSync(made, { recursive: true, force: true });
// Without the packages for development there is nothing to make it with; the sources run as well.
if (existsSync(join(root, "node_modules", "rolldown"))) await makeBundle();

async function makeBundle(): Promise<void> {
  const begun = Date.now();
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    ...{ input: join(root, "src", "main.ts"), platform: "node", external },
    plugins: [builtinModules],
  });
  const { output } = await build.write({
    dir: made,
    // A name for each content: see bin/code-cache.js.
    entryFileNames: "chubo-[hash].cjs",
    // One file: what is imported dynamically still runs with its first import only.
    ...{ format: "cjs", codeSplitting: false, sourcemap: true, sourcemapExcludeSources: true },
    // Shorter, and each character a byte: Node decodes it at each start.
    ...{
      comments: false,
      charset: "ascii",
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    },
  });
  const files = (await build.watchFiles).filter((file) => file.startsWith(root)).map((file) => relative(root, file));
  await build.close();
  writeNotices(files);
  const inputs = [
    "package-lock.json",
    relative(root, import.meta.filename),
    ...files.filter((file) => !isLibrary(file)),
  ];
  const changed = inputs.find((file) => statSync(join(root, file)).mtimeMs >= begun);
  if (changed !== undefined) throw new Error(`${changed} was changed while the bundle was made: make it again`);
  const stamps = Object.fromEntries(inputs.map((file) => [file, stampOf(join(root, file))]));
  writeFileSync(join(root, manifestFile), JSON.stringify({ file: output[0].fileName, inputs: stamps }));
}

function isLibrary(file: string): boolean {
  return file.startsWith("node_modules");
}

/** The licences of the libraries whose code is in the bundle ask for their texts beside it. */
function writeNotices(files: readonly string[]): void {
  const folders = new Set(
    files.filter(isLibrary).map((file) => /^node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? ""),
  );
  const notices = [...folders].sort().map((folder) => {
    const [licence] = globSync("{LICENSE,LICENCE,license}*", { cwd: join(root, folder) });
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<
      string,
      string
    >;
    const text = licence === undefined ? `${license}` : readFileSync(join(root, folder, licence), "utf8").trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  writeFileSync(join(made, "NOTICES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}
