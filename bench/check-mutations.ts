// Spoilt files through all readers: none may throw, take long, or give a place that is not what it says.
// `node bench/check-mutations.ts [--count N] [--seed N]`; 100,000 by default, the same ones for the same seed.
import { readSpoiltFiles } from "../test/contracts/spoilt-files.ts";

const words = process.argv.slice(2);
const numberOf = (name: string, otherwise: number): number => {
  const position = words.indexOf(name);
  return position < 0 ? otherwise : Number(words[position + 1]);
};
const count = numberOf("--count", 100_000);
const began = performance.now();
const { read, images, slowest, failures } = readSpoiltFiles(count, numberOf("--seed", 20_251));
process.stdout.write(`files read ${read}, images ${images}, failures ${failures.length}\n`);
process.stdout.write(`slowest ${slowest.milliseconds.toFixed(1)} ms (${slowest.kind})\n`);
process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
for (const { kind, message, text } of failures.slice(0, 10)) {
  process.stdout.write(`\n${kind}: ${message}\n${JSON.stringify(text)}\n`);
}
if (failures.length > 0) process.exitCode = 1;
