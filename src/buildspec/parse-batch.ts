import type { BlockReader } from "./block-reader.ts";
import type { BatchBlock, BatchEnvironment, BatchMatrix, BatchPlan, BatchTask } from "./buildspec.ts";
import { type Entries, readMap, readTextMap, readTexts } from "./buildspec-node.ts";

const keys = {
  batch: { known: ["fast-fail", "build-graph", "build-list", "build-matrix", "build-fanout"], notHere: [] },
  task: {
    known: ["identifier", "buildspec", "debug-session", "depend-on", "env", "ignore-failure"],
    notHere: [],
  },
  env: { known: ["compute-type", "fleet", "image", "privileged-mode", "type", "variables"], notHere: [] },
  matrix: { known: ["static", "dynamic"], notHere: [] },
  static: { known: ["ignore-failure", "env"], notHere: [] },
  dynamic: { known: ["buildspec", "env"], notHere: [] },
  fanout: { known: ["parallelism", "ignore-failure"], notHere: [] },
};

const planNames = ["build-graph", "build-list", "build-matrix", "build-fanout"] as const;

/** Reads the shape only; whether tasks depend in a circle, or on none, is the batch's to say. */
export function parseBatch(reader: BlockReader): BatchBlock | undefined {
  const batch = readMap(reader.nodes, reader.root, "batch");
  if (batch === undefined) return undefined;
  reader.sortKeys(batch, keys.batch, "batch.");
  const given = planNames.filter((name) => batch.has(name));
  const [name] = given;
  if (name === undefined || given.length > 1) {
    const message = `batch holds ${given.join(" and ") || "no kind of batch"}`;
    throw reader.nodes.refusal(message, reader.root.get("batch"), `exactly one of ${planNames.join(", ")}`);
  }
  return { fastFail: reader.flag(batch, "fast-fail"), plan: parsePlan(reader, batch, name) };
}

function parsePlan(reader: BlockReader, batch: Entries, name: (typeof planNames)[number]): BatchPlan {
  const { nodes } = reader;
  if (name === "build-matrix") return { kind: "matrix", matrix: parseMatrix(reader, batch) };
  if (name === "build-fanout") {
    const fanout = readMap(nodes, batch, name) ?? new Map();
    reader.sortKeys(fanout, keys.fanout, `batch.${name}.`);
    const parallelism = reader.wholeNumber(fanout, "parallelism");
    if (parallelism === undefined) throw nodes.refusal("build-fanout has no parallelism", batch.get(name));
    return { kind: "fanout", parallelism, ignoreFailure: reader.flag(fanout, "ignore-failure") };
  }
  const items = nodes.items(batch.get(name));
  if (items === undefined) throw nodes.refusal(`Expected ${name} to be a list`, batch.get(name));
  const tasks = items.map((item) => parseTask(reader, item, name));
  return { kind: name === "build-graph" ? "graph" : "list", tasks };
}

function parseTask(reader: BlockReader, item: unknown, name: string): BatchTask {
  const { nodes } = reader;
  const task = nodes.entriesOf(item);
  const identifier = nodes.text(task?.get("identifier"));
  if (task === undefined || identifier === undefined) {
    throw nodes.refusal(`a task of ${name} has no identifier`, item, "give each its own: - identifier: unit_tests");
  }
  reader.sortKeys(task, keys.task, `batch.${name}.${identifier}.`);
  return {
    line: nodes.lineOf(item),
    identifier,
    buildspec: nodes.text(task.get("buildspec")),
    debugSession: reader.flag(task, "debug-session"),
    dependOn: readTexts(nodes, task, "depend-on"),
    environment: parseEnvironment(reader, task, `batch.${name}.${identifier}.env.`),
    ignoreFailure: reader.flag(task, "ignore-failure"),
  };
}

function parseEnvironment(reader: BlockReader, parent: Entries | undefined, prefix: string): BatchEnvironment {
  const { nodes } = reader;
  const env = readMap(nodes, parent, "env");
  if (env !== undefined) reader.sortKeys(env, keys.env, prefix);
  const text = (key: string) => nodes.text(env?.get(key));
  const [computeType, fleet, image, type] = [text("compute-type"), text("fleet"), text("image"), text("type")];
  return {
    ...(computeType !== undefined && { computeType }),
    ...(fleet !== undefined && { fleet }),
    ...(image !== undefined && { image }),
    ...(type !== undefined && { type }),
    ...(env?.has("privileged-mode") === true && { privilegedMode: reader.flag(env, "privileged-mode") }),
    variables: readTextMap(nodes, env, "variables"),
  };
}

function parseMatrix(reader: BlockReader, batch: Entries): BatchMatrix {
  const { nodes } = reader;
  const matrix = readMap(nodes, batch, "build-matrix") ?? new Map();
  const [fixed, dynamic] = [readMap(nodes, matrix, "static"), readMap(nodes, matrix, "dynamic")];
  const env = readMap(nodes, dynamic, "env");
  reader.sortKeys(matrix, keys.matrix, "batch.build-matrix.");
  if (fixed !== undefined) reader.sortKeys(fixed, keys.static, "batch.build-matrix.static.");
  if (dynamic !== undefined) reader.sortKeys(dynamic, keys.dynamic, "batch.build-matrix.dynamic.");
  if (env !== undefined) reader.sortKeys(env, keys.env, "batch.build-matrix.dynamic.env.");
  const variables = readMap(nodes, env, "variables");
  return {
    ignoreFailure: reader.flag(fixed, "ignore-failure"),
    environment: parseEnvironment(reader, fixed, "batch.build-matrix.static.env."),
    buildspecs: readTexts(nodes, dynamic, "buildspec"),
    computeTypes: readTexts(nodes, env, "compute-type"),
    images: readTexts(nodes, env, "image"),
    types: readTexts(nodes, env, "type"),
    variables: Object.fromEntries(
      [...(variables?.keys() ?? [])].map((name) => [name, readTexts(nodes, variables, name)]),
    ),
  };
}
