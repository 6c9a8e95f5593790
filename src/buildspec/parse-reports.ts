import type { BlockReader } from "./block-reader.ts";
import type { ReportBlock } from "./buildspec.ts";
import { readMap, readTexts } from "./buildspec-node.ts";

const keys = { known: ["files", "base-directory", "discard-paths", "file-format"], notHere: [] };

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.reports */
export function parseReports(reader: BlockReader): ReportBlock[] {
  const { nodes, root } = reader;
  const reports = readMap(nodes, root, "reports");
  return [...(reports?.keys() ?? [])].map((name) => {
    const block = readMap(nodes, reports, name) ?? new Map();
    reader.sortKeys(block, keys, `reports.${name}.`);
    return {
      name,
      files: readTexts(nodes, block, "files"),
      baseDirectory: nodes.text(block.get("base-directory")),
      discardPaths: reader.flag(block, "discard-paths"),
      fileFormat: nodes.text(block.get("file-format")) ?? "JUNITXML",
    };
  });
}
