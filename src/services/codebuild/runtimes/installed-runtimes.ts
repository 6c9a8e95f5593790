/** How each of CodeBuild's runtimes tells its version. */
const versionCommands: Record<string, string> = {
  android: 'cat "$ANDROID_HOME"/platforms/*/source.properties 2>/dev/null | grep Platform.Version',
  docker: "docker --version",
  dotnet: "dotnet --version",
  golang: "go version",
  java: "java -version",
  nodejs: "node --version",
  php: "php --version",
  python: "python3 --version",
  ruby: "ruby --version",
};

/** A shell command that prints, for each runtime, a line of its name and what its program says of its version. */
export function askForVersions(names: readonly string[]): string {
  const ask = (name: string) => `echo "${name}: $( { ${versionCommands[name]}; } 2>&1 | head -n 1)"`;
  return names.filter(isKnown).map(ask).join("\n");
}

/** Lines for what was asked for and is not what is there. `answer` is what the command of `askForVersions` printed. */
export function describeDifferences(asked: Record<string, string>, answer: string): string[] {
  const said = new Map(answer.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
  return Object.entries(asked).flatMap(([name, wish]) => {
    if (!isKnown(name)) return [`Warning: ${name} ${wish} was asked for, which is no runtime that is known here`];
    const here = /\d+(\.\d+)*/.exec(said.get(name) ?? "")?.[0];
    const isMissing = here === undefined || /not found|no such file/i.test(said.get(name) ?? "");
    if (isMissing) return [`Warning: ${name} ${wish} was asked for, and there is none here; nothing is installed`];
    return isSatisfied(wish, here) ? [] : [`Warning: ${name} ${wish} was asked for; what is here is ${here}`];
  });
}

function isKnown(name: string): boolean {
  return Object.hasOwn(versionCommands, name);
}

/** `18`, `18.x` and `corretto17` are satisfied by what begins with their numbers. */
function isSatisfied(wish: string, here: string): boolean {
  const [numbers] = /\d+(\.\d+)*/.exec(wish) ?? [];
  // Java 8 calls itself 1.8.
  const version = here.replace(/^1\.(?=8\b)/, "");
  return numbers === undefined || version === numbers || version.startsWith(`${numbers}.`);
}
