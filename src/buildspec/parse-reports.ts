import type { BlockReader } from "./block-reader.ts";
import type { ReportBlock } from "./buildspec.ts";
import { type Entries, readMap, readTexts } from "./buildspec-node.ts";

const keys = { known: ["files", "base-directory", "discard-paths", "file-format"], notHere: [] };

/** https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html#limits-report */
const mostReports = 5;

const formats = [
  ...["CUCUMBERJSON", "JUNITXML", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX"],
  ...["CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV"],
];

/**
 * That too many reports, an unknown format and a report without files are refused with the buildspec is a guess; so are
 * the words. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.reports
 */
export function parseReports(reader: BlockReader): ReportBlock[] {
  const { nodes, root } = reader;
  const reports = readMap(nodes, root, "reports");
  if (reports !== undefined && reports.size > mostReports) {
    throw nodes.refusal(`reports has ${reports.size} report groups`, root.get("reports"), `${mostReports} at the most`);
  }
  return [...(reports?.keys() ?? [])].map((name) => {
    const block = readMap(nodes, reports, name) ?? new Map();
    reader.sortKeys(block, keys, `reports.${name}.`);
    const files = readTexts(nodes, block, "files");
    if (files.length === 0) throw nodes.refusal(`reports.${name} has no files`, reports?.get(name), 'files: ["**/*"]');
    return {
      name,
      files,
      baseDirectory: nodes.text(block.get("base-directory")),
      discardPaths: reader.flag(block, "discard-paths"),
      fileFormat: parseFormat(reader, name, block),
    };
  });
}

/** In capitals; as it is written, case does not matter. */
function parseFormat({ nodes }: BlockReader, name: string, block: Entries): string {
  const node = block.get("file-format");
  const text = nodes.text(node) ?? "JUNITXML";
  const format = formats.find((candidate) => candidate === text.toUpperCase());
  if (format !== undefined) return format;
  throw nodes.refusal(`reports.${name}.file-format ${text} is not known`, node, formats.join(", "));
}
