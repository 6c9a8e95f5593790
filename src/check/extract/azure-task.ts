import { posix } from "node:path";
import type { Node } from "yaml";
import type { BuildStep } from "../build-job.ts";
import { splitArguments } from "./build-arguments.ts";
import type { JobSteps, ScriptContext } from "./job-steps.ts";
import { expandVariables, type VariableScope } from "./variable-image.ts";
import type { YamlDocument } from "./yaml-nodes.ts";

/** What a step with `task` does with registries. */
export function readAzureTask(
  task: string,
  step: Node,
  document: YamlDocument,
  scope: VariableScope,
  steps: JobSteps,
  context: (directory: string) => ScriptContext,
): void {
  const { find, textOf, entriesOf } = document;
  // The names of inputs are not case-sensitive.
  const inputs = new Map(entriesOf(find(step, "inputs")).map(({ key, value }) => [key.toLowerCase(), textOf(value)]));
  const input = (name: string) => inputs.get(name)?.text;
  const expand = (text: string) => expandVariables(text, scope);
  const constant = (name: string) => expand(input(name) ?? "") || undefined;
  switch (task.toLowerCase().split("@")[0]) {
    case "docker":
      steps.add(readDockerTask(input, expand, document.rangeOf(step)));
      break;
    case "dockercompose": {
      const files = constant("dockercomposefile") ?? "";
      const isGlob = /[*]/.test(files);
      const verb = (constant("action") ?? "run").split(" ")[0] ?? "";
      const named = isGlob || files === "" ? [] : [files];
      steps.add([{ kind: "compose", range: document.rangeOf(step), verb, files: named }]);
      break;
    }
    case "bash":
    case "cmdline":
    case "shellscript": {
      const script = inputs.get("script");
      const directory = constant("workingdirectory") ?? ".";
      if (script !== undefined) steps.run([script], context(directory));
    }
  }
}

/** https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/docker-v2 */
function readDockerTask(
  input: (name: string) => string | undefined,
  expand: (text: string) => string | undefined,
  range: BuildStep["range"],
): BuildStep[] {
  const constant = (name: string) => expand(input(name) ?? "") || undefined;
  const command = (input("command") ?? "buildAndPush").toLowerCase();
  const connection = input("containerregistry");
  // The address is in the service connection, outside of the file; most who have one for Docker Hub call it so.
  const host = connection !== undefined && /docker[-_. ]?(?:hub|io)/i.test(connection) ? undefined : connection;
  const login: BuildStep = { kind: "login", range, host, userName: undefined, password: "action" };
  const logins = connection === undefined ? [] : [login];
  if (command === "login") return logins;
  if (command !== "build" && command !== "buildandpush") return [];
  const file = constant("dockerfile");
  // The default is `**/Dockerfile`: the first that is found.
  const dockerfile = file === undefined || /[*$]/.test(file) ? undefined : posix.normalize(file);
  const context = constant("buildcontext");
  const given = (input("arguments") ?? "").matchAll(/--build-arg[\s=]+["']?([A-Za-z_]\w*)=([^\s"']*)/g);
  const isDefault = context === undefined || context === "**";
  const folder = dockerfile === undefined ? "." : posix.dirname(dockerfile);
  return [
    ...logins,
    {
      kind: "build",
      range,
      tool: "action",
      context: isDefault ? folder : context,
      dockerfile,
      ...splitArguments([...given].map(([, name = "", value = ""]) => [name, expand(value)])),
    },
  ];
}
