import type { BlockReader } from "./block-reader.ts";
import type { ArtifactsBlock, Buildspec } from "./buildspec.ts";
import { type Entries, readMap, readTexts } from "./buildspec-node.ts";

/** `type` is version 0.1's, and without effect since. */
const blockKeys = "files base-directory exclude-paths discard-paths enable-symlinks name s3-prefix type".split(" ");

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts */
export function parseArtifacts(reader: BlockReader): Pick<Buildspec, "artifacts" | "secondaryArtifacts"> {
  const { nodes, root } = reader;
  const block = readMap(nodes, root, "artifacts");
  const secondary = readMap(nodes, block, "secondary-artifacts") ?? (new Map() as Entries);
  if (block !== undefined) {
    reader.sortKeys(block, { known: [...blockKeys, "secondary-artifacts"], notHere: [] }, "artifacts.");
  }
  return {
    // A block without `files` names no file, unless it is there for its secondary artifacts.
    artifacts:
      block !== undefined && (block.has("files") || secondary.size === 0) ? parseBlock(reader, block) : undefined,
    secondaryArtifacts: Object.fromEntries(
      [...secondary.keys()].map((name) => {
        const named: Entries = readMap(nodes, secondary, name) ?? new Map();
        reader.sortKeys(named, { known: blockKeys, notHere: [] }, `artifacts.secondary-artifacts.${name}.`);
        return [name, parseBlock(reader, named)];
      }),
    ),
  };
}

function parseBlock(reader: BlockReader, block: Entries): ArtifactsBlock {
  const { nodes } = reader;
  return {
    files: readTexts(nodes, block, "files"),
    baseDirectory: nodes.text(block.get("base-directory")),
    excludePaths: readTexts(nodes, block, "exclude-paths"),
    discardPaths: reader.flag(block, "discard-paths"),
    enableSymlinks: reader.flag(block, "enable-symlinks"),
    name: nodes.text(block.get("name")),
    s3Prefix: nodes.text(block.get("s3-prefix")),
  };
}
