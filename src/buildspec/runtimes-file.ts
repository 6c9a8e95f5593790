import { LineCounter, parseDocument } from "yaml";
import { BuildspecError } from "./buildspec.ts";
import { openBuildspecNodes, readMap, readTexts } from "./buildspec-node.ts";

/** Runtime name → version → how it is chosen, in the order of the file. */
export type RuntimesFile = Map<string, Map<string, RuntimeVersion>>;

export interface RuntimeVersion {
  /** Runtime name → versions, of which one is needed beside it. */
  requires: Record<string, string[]>;
  commands: string[];
}

/**
 * Where AWS's images keep what they can run, and how a build's `runtime-versions` are carried out.
 * https://github.com/aws/aws-codebuild-docker-images/blob/master/ubuntu/standard/7.0/Dockerfile
 */
export const runtimesFilePath = "/codebuild/image/config/runtimes.yml";

/** Reads an image's runtimes.yml. Versions are texts: `1.20` is not `1.2`. Throws BuildspecError for a faulty one. */
export function parseRuntimesFile(text: string): RuntimesFile {
  const lines = new LineCounter();
  // `1.2` and `1.20` are two keys, though they are one number.
  const document = parseDocument(text, { lineCounter: lines, schema: "core", uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw new BuildspecError(`${runtimesFilePath}: ${error.message}`, { cause: error });
  const nodes = openBuildspecNodes(document, lines);
  const runtimes = readMap(nodes, nodes.entriesOf(document.contents), "runtimes") ?? new Map();
  return new Map(
    [...runtimes.keys()].map((name) => {
      const versions = readMap(nodes, readMap(nodes, runtimes, name), "versions") ?? new Map();
      const readVersion = (version: string): [string, RuntimeVersion] => {
        const block = readMap(nodes, versions, version);
        const requires = readMap(nodes, block, "requires") ?? new Map();
        const needed = [...requires.keys()].map((other) => [other, readTexts(nodes, requires, other)]);
        return [version, { requires: Object.fromEntries(needed), commands: readTexts(nodes, block, "commands") }];
      };
      return [name, new Map([...versions.keys()].map(readVersion))];
    }),
  );
}
