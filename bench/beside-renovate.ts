// Dockerfiles read in a second, beside Renovate's dockerfile manager, in one process and in turn.
// `node bench/beside-renovate.ts RENOVATE [--files N] [--repetitions N]`, RENOVATE being a directory in which somebody has
// run `npm install renovate`: it is AGPL, and no part of this project.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { dockerfileReader } from "../src/check/extract/dockerfile.ts";
import { alternate, readRepetitions } from "./alternate.ts";
import { makeDockerfile } from "./dockerfiles.ts";

/** What is used of it. */
interface Manager {
  extractPackageFile(text: string, path: string, config: object): { deps: unknown[] } | null;
}

const [place = "", ...words] = process.argv.slice(2);
const position = words.indexOf("--files");
const count = position < 0 ? 5_000 : Number(words[position + 1]);
const installed = resolve(place, "node_modules", "renovate");
const manager = join(installed, "dist", "modules", "manager", "dockerfile", "extract.js");
if (!existsSync(manager)) throw new Error(`no Renovate in ${place}: npm install --ignore-scripts renovate`);
process.env.LOG_LEVEL = "fatal";
const { extractPackageFile } = (await import(pathToFileURL(manager).href)) as Manager;

const files = Array.from({ length: count }, (_, index) => ({
  path: `${index}/Dockerfile`,
  text: makeDockerfile(index),
}));
const found = { chubo: 0, renovate: 0 };
const medians = await alternate(
  {
    chubo: measure("chubo", ({ path, text }) =>
      dockerfileReader.isFor({ path, text }) ? dockerfileReader.read({ path, text }).images.length : 0,
    ),
    renovate: measure("renovate", ({ path, text }) => extractPackageFile(text, path, {})?.deps.length ?? 0),
  },
  readRepetitions(words, 5),
);
for (const name of ["chubo", "renovate"] as const) {
  const milliseconds = medians[name].all ?? Number.NaN;
  print(`${name}, Dockerfiles a second`, Math.round((count * 1000) / milliseconds));
  print(`${name}, images found`, found[name]);
}
print("ratio", ((medians.renovate.all ?? Number.NaN) / (medians.chubo.all ?? Number.NaN)).toFixed(1));

function measure(name: keyof typeof found, read: (file: (typeof files)[number]) => number) {
  return async () => {
    const began = performance.now();
    let images = 0;
    for (const file of files) images += read(file);
    found[name] = images;
    return { all: performance.now() - began };
  };
}

function print(label: string, value: number | string): void {
  process.stdout.write(`${label.padEnd(32)}${value}\n`);
}
