// What `chubo run` adds to the docker and aws commands of a build: a template with two logins, build and push, beside the
// same commands in a shell, each against a fresh private engine and a simulated Docker Hub. The template is the published
// article's own where that is at hand beside the repository, else the example's with its login. The commands by hand are
// read from the deployed project's buildspec, so both sides run the very same ones; by hand there is a `chubo up` that
// has been answering since before, an engine of the same kind, and one shell for all of them.
// `node bench/article-overhead.ts [--repetitions N]`; needs root, dockerd, the AWS CLI and jq.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Buildspec, phaseNames } from "../src/buildspec/buildspec.ts";
import { parseBuildspec } from "../src/buildspec/parse-buildspec.ts";
import { startBuildEngine } from "../src/containers/start-build-engine.ts";
import { proxyVariables } from "../src/server/proxy-variables.ts";
import { alternate, readRepetitions } from "./alternate.ts";
import { runProgram } from "./run-program.ts";
import { type Server, startServer } from "./start-server.ts";

const root = join(import.meta.dirname, "..");
const chubo = join(root, "bin", "chubo.js");
const login = { username: "alice", password: "correct-horse" };
const hub = ["--hub", "simulated", "--hub-account", `${login.username}:${login.password}:business`];
const region = "us-east-1";
const path = process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin";

interface Subject {
  name: string;
  templates: string[];
  source: string;
  /** Names of the template's parameters for the two halves of the login. */
  parameters: Record<string, string>;
}

const repetitions = readRepetitions(process.argv.slice(2), 10);
const subject = chooseSubject();
const directory = mkdtempSync(join(tmpdir(), "cbo-"));
try {
  const server = await startServer(chubo, [...hub, "--region", region, "--state", join(directory, "up")]);
  try {
    const project = await deployProject(server);
    printComparison(await alternate({ chubo: measureRun, hand: () => measureHand(server, project) }, repetitions));
  } finally {
    await server.stop();
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function chooseSubject(): Subject {
  const inputs = join(root, "..", "shared", "inputs");
  if (existsSync(inputs)) {
    return {
      name: "the article's template",
      templates: ["surroundings.yml", "article-template.yml"].map((name) => join(inputs, name)),
      source: join(inputs, "app"),
      parameters: { DockerHubUserName: login.username, DockerHubPassword: login.password, PJPrefix: "demo" },
    };
  }
  const example = join(root, "examples", "docker-hub-limit");
  return {
    name: "the example's template with its login",
    templates: [join(example, "with-login.yml")],
    source: join(example, "app"),
    parameters: { DockerHubUser: login.username, DockerHubPassword: login.password },
  };
}

async function measureRun(): Promise<Record<string, number>> {
  const parameters = Object.entries(subject.parameters).flatMap(([name, value]) => ["--parameter", `${name}=${value}`]);
  const places = ["--source", subject.source, "--state", join(directory, "run"), "--region", region];
  const kinds = ["--environment", "host", "--engine", "docker", "--json"];
  const words = [chubo, "run", ...subject.templates, ...places, ...kinds, ...hub, ...parameters];
  const { startedAt, endedAt } = await runProgram([process.execPath, ...words], {
    directory,
    environment: process.env,
  });
  return { whole: endedAt - startedAt };
}

interface Project {
  buildspec: Buildspec;
  variables: Record<string, string>;
}

function awsVariables({ url, bundleFile, credentials }: Server): Record<string, string> {
  return { PATH: path, ...proxyVariables({ proxyUrl: url, bundleFile }), ...credentials, AWS_DEFAULT_REGION: region };
}

/** Makes the templates' stacks in the server and reads what its one CodeBuild project says. */
async function deployProject(server: Server): Promise<Project> {
  const aws = async (...words: string[]) => {
    const environment = { ...awsVariables(server), HOME: directory };
    const { stdout } = await runProgram(["aws", "--output", "json", ...words], { directory, environment });
    return stdout;
  };
  for (const template of subject.templates) {
    const stack = ["--stack-name", basename(template, ".yml")];
    const shown = await aws("cloudformation", "validate-template", "--template-body", `file://${template}`);
    const declared = (JSON.parse(shown) as { Parameters?: { ParameterKey: string }[] }).Parameters ?? [];
    const parameters = declared
      .filter(({ ParameterKey }) => ParameterKey in subject.parameters)
      .map(({ ParameterKey }) => ({ ParameterKey, ParameterValue: subject.parameters[ParameterKey] }));
    const given = ["--parameters", JSON.stringify(parameters), "--capabilities", "CAPABILITY_NAMED_IAM"];
    await aws("cloudformation", "create-stack", ...stack, "--template-body", `file://${template}`, ...given);
    await aws("cloudformation", "wait", "stack-create-complete", ...stack);
  }
  const [name = ""] = (JSON.parse(await aws("codebuild", "list-projects")) as { projects: string[] }).projects;
  const { projects } = JSON.parse(await aws("codebuild", "batch-get-projects", "--names", name)) as {
    projects: { source: { buildspec: string }; environment: { environmentVariables: Variable[] } }[];
  };
  const [project] = projects;
  if (project === undefined) throw new Error("the templates have made no CodeBuild project");
  const variables = project.environment.environmentVariables.map((variable) => [variable.name, variable.value]);
  return { buildspec: parseBuildspec(project.source.buildspec), variables: Object.fromEntries(variables) };
}

interface Variable {
  name: string;
  value: string;
}

/** A new repository each time: layers that the registry has in it would not be pushed again. */
async function measureHand(server: Server, project: Project): Promise<Record<string, number>> {
  const work = mkdtempSync(join(directory, "h"));
  const source = join(work, "source");
  cpSync(subject.source, source, { recursive: true });
  const aws = { ...awsVariables(server), HOME: work };
  const repository = (project.variables.REPOSITORY_URI ?? "").split("/").slice(1).join("/");
  for (const words of [["delete-repository", "--force"], ["create-repository"]]) {
    const call = ["aws", "ecr", ...words, "--repository-name", repository];
    await runProgram(call, { directory, environment: aws });
  }
  const engineDirectory = join(work, "e");
  mkdirSync(engineDirectory, { mode: 0o700 });
  const startedAt = performance.now();
  const engine = await startBuildEngine({
    engine: "docker",
    directory: engineDirectory,
    proxyUrl: server.url,
    caBundle: server.bundleFile,
    path,
  });
  try {
    const places = { ...engine.environment, PATH: `${engine.binDirectory}:${path}` };
    const environment = { ...aws, ...places, ...handVariables(project) };
    const commands = await runProgram(["sh", "-c", handScript(project)], { directory: source, environment });
    await engine.stop();
    return { whole: performance.now() - startedAt, commands: commands.endedAt - commands.startedAt };
  } finally {
    await engine.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

function handScript({ buildspec }: Project): string {
  return ["set -e", ...phaseNames.flatMap((name) => buildspec.phases[name]?.commands ?? [])].join("\n");
}

/** Whoever types the commands knows the login; the commit is any. */
function handVariables({ buildspec, variables }: Project): Record<string, string> {
  const secrets = Object.entries(buildspec.secretsManager).map(([name, reference]) => {
    return [name, reference.endsWith(":password") ? login.password : login.username];
  });
  const commit = { CODEBUILD_RESOLVED_SOURCE_VERSION: "0123456789abcdef0123456789abcdef01234567" };
  return { ...variables, ...buildspec.variables, ...Object.fromEntries(secrets), ...commit };
}

function printComparison({ chubo, hand }: Record<"chubo" | "hand", Record<string, number>>): void {
  const seconds = (milliseconds: number | undefined) => `${((milliseconds ?? 0) / 1000).toFixed(2)} s`;
  console.log(`${subject.name}, medians of ${repetitions} alternating runs, Node ${process.version}`);
  console.log(`chubo run, whole               ${seconds(chubo.whole)}`);
  console.log(`by hand, engine and commands   ${seconds(hand.whole)}   of it commands ${seconds(hand.commands)}`);
  console.log(
    `ratio                          ${((chubo.whole ?? 0) / (hand.whole ?? 1)).toFixed(2)}   goal: 1.15 or less`,
  );
}
