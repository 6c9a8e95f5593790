// `npm run demo`: one build that fails at Docker Hub's limit, and the two remedies, each a run of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { runProgram } from "../src/cli/program.ts";
import { type DemoTexts, demoTexts } from "./demo-texts.ts";
import { provision } from "./provision.ts";

const example = join(import.meta.dirname, "..", "examples", "docker-hub-limit");
const account = ["--hub-account", "alice:correct-horse:personal"];
const login = ["--parameter", "DockerHubUser=alice", "--parameter", "DockerHubPassword=correct-horse"];

interface Act {
  text: keyof DemoTexts["acts"];
  template: string;
  source: string;
  options: string[];
  exitStatus: number;
}

const acts: Act[] = [
  { text: "anonymous", template: "anonymous.yml", source: "app", options: [], exitStatus: 1 },
  { text: "login", template: "with-login.yml", source: "app", options: [...account, ...login], exitStatus: 0 },
  { text: "ecrPublic", template: "anonymous.yml", source: "app-ecr-public", options: [], exitStatus: 0 },
];

process.exit(await runDemo(demoTexts(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "")));

async function runDemo(texts: DemoTexts): Promise<number> {
  await provision("demo");
  const state = mkdtempSync(join(tmpdir(), "chubo-demo-"));
  try {
    say(texts.opening);
    let asExpected = true;
    for (const [index, act] of acts.entries()) {
      say(`\n${styleText("bold", `${index + 1}/${acts.length} ${texts.acts[act.text].before}`)}\n`);
      const status = await runAct(act, state);
      asExpected &&= status === act.exitStatus;
      say(status === act.exitStatus ? texts.acts[act.text].after : texts.unexpected(act.exitStatus, status));
      if (status === 130) return status;
    }
    say(`\n${asExpected ? texts.closing : texts.failed}`);
    return asExpected ? 0 : 1;
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

function runAct(act: Act, state: string): Promise<number> {
  const files = [join(example, act.template), "--source", join(example, act.source)];
  const hub = ["--hub", "simulated", "--hub-remaining", "0", "--environment", "host", "--state", state];
  return runProgram(["run", ...files, ...hub, ...act.options], {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    variables: process.env,
    currentDirectory: process.cwd(),
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
