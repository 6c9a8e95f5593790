// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles are written so.
// Dockerfiles read in a second by one process, from their text to images with places, and the first one after the start.
// `node bench/check-dockerfiles.ts [--files N]`
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

/** Half are short, as most are; one of ten is a long one with many stages, arguments and heredocs. */
function makeDockerfile(index: number): string {
  const stages = index % 10 === 0 ? 8 : index % 2 === 0 ? 2 : 1;
  const head = `# syntax=docker/dockerfile:1\nARG VERSION=3.${index % 14}\nARG BASE=python:\${VERSION}-slim\n\n`;
  const parts = Array.from({ length: stages }, (_, stage) => makeStage(index, stage));
  return (index % 2 === 0 ? head : "") + parts.join("\n");
}

function makeStage(index: number, stage: number): string {
  const base = index % 2 === 0 ? ["$BASE", "node:22-alpine", "golang:${VERSION}"][stage % 3] : "debian:12";
  const copy = stage === 0 ? "COPY . ." : `COPY --link --from=stage${stage - 1} /out /app`;
  return [
    `FROM ${base} AS stage${stage}`,
    "",
    "# what the program needs at run time",
    "RUN apt-get update && apt-get install -y --no-install-recommends \\",
    "    ca-certificates curl git \\",
    "    # for the healthcheck",
    "    netcat-openbsd \\",
    "  && rm -rf /var/lib/apt/lists/*",
    "WORKDIR /app",
    "ENV PATH=/app/bin:$PATH LANG=C.UTF-8",
    copy,
    "RUN --mount=type=cache,target=/root/.cache <<EOT",
    "  set -e",
    `  make build NUMBER=${index}`,
    "EOT",
    "EXPOSE 8080",
    'HEALTHCHECK CMD ["nc", "-z", "localhost", "8080"]',
    'CMD ["/app/bin/server", "--port", "8080"]',
    "",
  ].join("\n");
}

function print(label: string, value: number): void {
  process.stdout.write(`${label.padEnd(32)}${value < 100 ? value.toFixed(1) : Math.round(value)}\n`);
}
