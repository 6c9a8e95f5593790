// Dockerfiles read in a second by one process, from their text to images with places, and the first one after the start.
// `node bench/check-dockerfiles.ts [--files N]`
import { makeDockerfile } from "./dockerfiles.ts";

const words = process.argv.slice(2);
const position = words.indexOf("--files");
const count = position < 0 ? 5_000 : Number(words[position + 1]);

const files = Array.from({ length: count }, (_, index) => ({
  path: `${index}/Dockerfile`,
  text: makeDockerfile(index),
}));
const start = performance.now();
const { dockerfileReader } = await import("../src/check/extract/dockerfile.ts");
const imported = performance.now();
readAll(files.slice(0, 1));
const first = performance.now();
print("load the reader, ms", imported - start);
print("first Dockerfile, ms", first - imported);
const sizes = files.map(({ text }) => text.length).toSorted((a, b) => a - b);
print("median size, bytes", sizes[count >> 1] ?? 0);
print("mean size, bytes", sizes.reduce((sum, size) => sum + size, 0) / count);
for (const round of ["cold", "warm", "warm"]) {
  const began = performance.now();
  const images = readAll(files);
  const seconds = (performance.now() - began) / 1000;
  print(`Dockerfiles a second, ${round}`, count / seconds);
  print("images found", images);
}

function readAll(all: typeof files): number {
  let images = 0;
  for (const file of all) if (dockerfileReader.isFor(file)) images += dockerfileReader.read(file).images.length;
  return images;
}

function print(label: string, value: number): void {
  process.stdout.write(`${label.padEnd(32)}${value < 100 ? value.toFixed(1) : Math.round(value)}\n`);
}
