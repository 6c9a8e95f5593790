// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a workflow is written so.
// A large repository through `chubo check`, and one Dockerfile: each run is a process of its own, from its start to its end.
// `node bench/check-tree.ts [--files N]`; run `node scripts/bundle.ts` before.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const words = process.argv.slice(2);
const position = words.indexOf("--files");
const count = position < 0 ? 43_000 : Number(words[position + 1]);
const root = mkdtempSync(join(tmpdir(), "chubo-tree-"));
const chubo = join(import.meta.dirname, "..", "bin", "chubo.js");

try {
  for (let index = 0; index < count; index++) {
    const [path, text] = makeFile(index);
    const file = join(root, `p${index % 200}`, `d${index % 7}`, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  print("files", count);
  for (const round of ["first", "second", "third"]) report(`whole tree, ${round}`, measure([root]), count);
  const one = join(root, "p0", "d0", "Dockerfile.0");
  for (const round of ["first", "second", "third"]) report(`one Dockerfile, ${round}`, measure([one]), 1);
  report("chubo --version, as a floor", measure([], "--version"), 0);
} finally {
  rmSync(root, { recursive: true, force: true });
}

interface Run {
  milliseconds: number;
  megabytes: number;
}

/** The child's own `resourceUsage` tells its greatest size. */
function measure(paths: string[], command = "check"): Run {
  const tell = "process.on('exit',()=>require('fs').writeSync(2,'rss='+process.resourceUsage().maxRSS))";
  const hook = join(root, "hook.cjs");
  writeFileSync(hook, tell);
  const options = command === "check" ? ["--fail-on", "never", "--output", join(root, "out.txt")] : [];
  const began = performance.now();
  const child = spawnSync(process.execPath, ["--require", hook, chubo, command, ...paths, ...options], {
    encoding: "utf8",
  });
  const milliseconds = performance.now() - began;
  if (child.status !== 0) throw new Error(`chubo ended with ${child.status}: ${child.stderr}`);
  return { milliseconds, megabytes: Number(/rss=(\d+)/.exec(child.stderr)?.[1]) / 1024 };
}

function report(label: string, { milliseconds, megabytes }: Run, files: number): void {
  print(`${label}, ms`, milliseconds);
  if (files > 1) print(`${label}, files a second`, (files * 1000) / milliseconds);
  print(`${label}, MB`, megabytes);
}

/** Of 43: 2 Dockerfiles, 4 YAML, 3 JSON, 2 scripts, 20 of code, 6 of prose and pictures, 6 of other text. */
function makeFile(index: number): [string, string | Buffer] {
  const kind = index % 43;
  const code = `import a from "./a${index}";\n${"export const value = compute(a, 1, 2, 3); // more\n".repeat(60)}`;
  if (kind < 2) return [`Dockerfile.${index}`, makeDockerfile(index)];
  if (kind === 2) return [`service${index}.yaml`, makeManifest(index)];
  if (kind === 3)
    return [`compose.${index}.yml`, `services:\n  web:\n    image: redis:${index % 8}\n    ports: ["80:80"]\n`];
  if (kind === 4) return [`settings${index}.yml`, "key: value\nlist: [1, 2, 3]\nmap: { a: b }\n".repeat(20)];
  if (kind === 5) return [`.github/workflows/w${index}.yml`, makeWorkflow(index)];
  if (kind < 9) return [`data${index}.json`, JSON.stringify({ name: `n${index}`, list: Array(100).fill("text") })];
  if (kind < 11)
    return [`run${index}.sh`, `#!/bin/sh\nset -e\ncd app\nmake all NUMBER=${index}\ndocker run --rm alpine:3 true\n`];
  if (kind < 31) return [`file${index}.${["ts", "py", "go", "java", "rs"][kind % 5]}`, code];
  if (kind < 35) return [`page${index}.md`, "Some words of prose.\n".repeat(150)];
  if (kind < 37) return [`picture${index}.png`, Buffer.alloc(8000, kind)];
  return [`other${index}.${["txt", "cfg", "ini", "xml", "sql", "toml"][kind % 6]}`, "a line = of text\n".repeat(80)];
}

function makeDockerfile(index: number): string {
  const steps = Array.from({ length: 10 }, (_, step) => `RUN make step${step} && \\\n    echo ${index}\n`).join("");
  return `FROM node:${18 + (index % 6)} AS build\nWORKDIR /app\nCOPY . .\n${steps}FROM nginx:1.27\nCOPY --from=build /app /app\n`;
}

function makeManifest(index: number): string {
  return [
    "apiVersion: apps/v1",
    "kind: Deployment",
    `metadata: { name: web${index} }`,
    "spec:",
    "  template:",
    "    spec:",
    "      containers:",
    `        - { name: web, image: "httpd:2.${index % 5}" }`,
    "",
  ].join("\n");
}

function makeWorkflow(index: number): string {
  return [
    "on: push",
    "jobs:",
    `  build${index}:`,
    "    runs-on: ubuntu-latest",
    "    steps:",
    "      - uses: actions/checkout@v5",
    "      - run: docker build -t x:${{ github.sha }} .",
    "",
  ].join("\n");
}

function print(label: string, value: number): void {
  process.stdout.write(`${label.padEnd(40)}${value < 100 ? value.toFixed(1) : Math.round(value)}\n`);
}
