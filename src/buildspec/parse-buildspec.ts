import { LineCounter, parseDocument } from "yaml";
import { type BlockReader, openBlockReader } from "./block-reader.ts";
import { type Buildspec, BuildspecError } from "./buildspec.ts";
import { openBuildspecNodes, readMap, readTextMap, readTexts } from "./buildspec-node.ts";
import { parseArtifacts } from "./parse-artifacts.ts";
import { parseBatch } from "./parse-batch.ts";
import { parseCache } from "./parse-cache.ts";
import { noPhases, parsePhases } from "./parse-phases.ts";
import { parseReports } from "./parse-reports.ts";
import { yamlErrorOf } from "./yaml-error.ts";

/** Reads a buildspec (YAML, so JSON too). Throws BuildspecError with line, column and hint where it knows them. */
export function parseBuildspec(text: string): Buildspec {
  const lines = new LineCounter();
  // A byte order mark is no part of the first key.
  const document = parseDocument(text.replace(/^\uFEFF/, ""), { lineCounter: lines, schema: "core" });
  // The YAML library behind CodeBuild reads the first of several documents.
  const error = document.errors.find(({ code }) => code !== "MULTIPLE_DOCS");
  if (error !== undefined) throw yamlErrorOf(error, lines);
  const nodes = openBuildspecNodes(document, lines);
  const root = nodes.entriesOf(document.contents);
  if (root === undefined) throw new BuildspecError(noPhases, { hint: `${beginning}, and its phases below` });
  const reader = openBlockReader(nodes, root);
  reader.sortKeys(root, keys.root, "");
  const { phases, phaseOrder } = parsePhases(reader);
  return {
    version: readVersion(reader),
    runAs: nodes.text(root.get("run-as")),
    ...readEnvironment(reader),
    proxy: readProxy(reader),
    ...{ phases, phaseOrder },
    batch: parseBatch(reader),
    reports: parseReports(reader),
    ...parseArtifacts(reader),
    cache: parseCache(reader),
    ...reader.keysWithoutEffect(),
  };
}

const keys = {
  root: {
    known: "version run-as env environment_variables proxy phases reports artifacts batch cache".split(" "),
    notHere: [],
  },
  env: {
    known: "shell variables parameter-store secrets-manager exported-variables git-credential-helper".split(" "),
    notHere: [],
  },
  proxy: { known: ["upload-artifacts", "logs"], notHere: [] },
};

const beginning = "begin the buildspec with: version: 0.2";

function readVersion({ nodes, root }: BlockReader): "0.1" | "0.2" {
  const node = root.get("version");
  const text = nodes.text(node);
  // The refusals of a version are in our own words: AWS's are not recorded.
  if (text === undefined) throw new BuildspecError("missing version", { hint: beginning });
  if (text === "0.1" || text === "0.2") return text;
  throw nodes.refusal(`invalid buildspec version: ${text}`, node, "the versions are 0.1 and 0.2");
}

function readEnvironment(reader: BlockReader) {
  const { nodes, root } = reader;
  const env = readMap(nodes, root, "env");
  if (env !== undefined) reader.sortKeys(env, keys.env, "env.");
  const shell = nodes.text(env?.get("shell")) ?? "/bin/sh";
  if (!["bash", "sh", "/bin/sh", "/bin/bash"].includes(shell)) {
    throw nodes.refusal(`env.shell ${shell} is not supported here`, env?.get("shell"), "bash or /bin/sh");
  }
  return {
    shell: shell.endsWith("bash") ? ("bash" as const) : ("sh" as const),
    variables: {
      // The block of version 0.1.
      ...readTextMap(nodes, readMap(nodes, root, "environment_variables"), "plaintext"),
      ...readTextMap(nodes, env, "variables"),
    },
    parameterStore: readTextMap(nodes, env, "parameter-store"),
    secretsManager: readTextMap(nodes, env, "secrets-manager"),
    exportedVariables: readTexts(nodes, env, "exported-variables"),
    gitCredentialHelper: reader.flag(env, "git-credential-helper"),
  };
}

function readProxy(reader: BlockReader) {
  const proxy = readMap(reader.nodes, reader.root, "proxy");
  if (proxy !== undefined) reader.sortKeys(proxy, keys.proxy, "proxy.");
  return { uploadArtifacts: reader.flag(proxy, "upload-artifacts"), logs: reader.flag(proxy, "logs") };
}
