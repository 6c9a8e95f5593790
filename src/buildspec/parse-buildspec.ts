import { LineCounter, parseDocument } from "yaml";
import {
  type ArtifactsBlock,
  type Buildspec,
  BuildspecError,
  type BuildspecPhase,
  type PhaseName,
  phaseNames,
} from "./buildspec.ts";
import {
  type BuildspecNodes,
  type Entries,
  openBuildspecNodes,
  readMap,
  readTextMap,
  readTexts,
} from "./buildspec-node.ts";
import { yamlErrorOf } from "./yaml-error.ts";

/** The keys that have an effect here, and those that have one on AWS alone. */
const keys = {
  root: {
    known: ["version", "env", "environment_variables", "phases", "artifacts"],
    notHere: ["batch", "cache", "reports", "proxy", "run-as"],
  },
  env: {
    known: ["shell", "variables", "parameter-store", "secrets-manager", "exported-variables"],
    notHere: ["git-credential-helper"],
  },
  phase: { known: ["commands", "finally", "on-failure", "runtime-versions"], notHere: ["run-as"] },
  artifacts: {
    known: ["files", "base-directory", "exclude-paths", "discard-paths", "name", "secondary-artifacts", "type"],
    notHere: ["enable-symlinks", "s3-prefix"],
  },
};

/** Reads a buildspec (YAML, so JSON too). Throws BuildspecError with line, column and hint where it knows them. */
export function parseBuildspec(text: string): Buildspec {
  const lines = new LineCounter();
  // A byte order mark is no part of the first key.
  const document = parseDocument(text.replace(/^\uFEFF/, ""), { lineCounter: lines, schema: "core" });
  const [error] = document.errors;
  if (error !== undefined) throw yamlErrorOf(error, lines);
  const nodes = openBuildspecNodes(document, lines);
  const root = nodes.entriesOf(document.contents);
  if (root === undefined) {
    throw new BuildspecError("invalid buildspec: a mapping with the keys version and phases is expected", {
      hint: beginning,
    });
  }
  return new BuildspecReader(nodes, root).read();
}

const beginning = "begin the buildspec with: version: 0.2";

class BuildspecReader {
  readonly #nodes: BuildspecNodes;
  readonly #root: Entries;
  readonly #notCarriedOut = new Set<string>();
  readonly #unknown = new Set<string>();

  constructor(nodes: BuildspecNodes, root: Entries) {
    this.#nodes = nodes;
    this.#root = root;
  }

  read(): Buildspec {
    this.#sortKeys(this.#root, keys.root, "");
    const artifacts = readMap(this.#nodes, this.#root, "artifacts");
    if (artifacts !== undefined) this.#sortKeys(artifacts, keys.artifacts, "artifacts.");
    return {
      version: this.#version(),
      ...this.#environment(),
      ...this.#phases(),
      artifacts: artifacts?.has("files") === true ? this.#artifacts(artifacts) : undefined,
      secondaryArtifacts: this.#secondaryArtifacts(artifacts),
      notCarriedOut: [...this.#notCarriedOut],
      unknownKeys: [...this.#unknown],
    };
  }

  #sortKeys(entries: Entries, { known, notHere }: { known: string[]; notHere: string[] }, prefix: string): void {
    for (const [key, node] of entries) {
      if (notHere.includes(key)) this.#notCarriedOut.add(`${prefix}${key}`);
      else if (!known.includes(key)) this.#unknown.add(`${prefix}${key} (line ${this.#nodes.lineOf(node) ?? "?"})`);
    }
  }

  #version(): "0.1" | "0.2" {
    const node = this.#root.get("version");
    const text = this.#nodes.text(node);
    if (text === undefined) {
      throw new BuildspecError("missing version", { hint: beginning });
    }
    if (text === "0.1" || text === "0.2") return text;
    throw this.#nodes.refusal(`invalid buildspec version: ${text}`, node, "the versions are 0.1 and 0.2");
  }

  #environment() {
    const env = readMap(this.#nodes, this.#root, "env");
    if (env !== undefined) this.#sortKeys(env, keys.env, "env.");
    const shell = this.#nodes.text(env?.get("shell")) ?? "/bin/sh";
    if (!["bash", "sh", "/bin/sh", "/bin/bash"].includes(shell)) {
      throw this.#nodes.refusal(`env.shell ${shell} is not supported here`, env?.get("shell"), "bash or /bin/sh");
    }
    return {
      shell: shell.endsWith("bash") ? ("bash" as const) : ("sh" as const),
      variables: {
        // The block of version 0.1.
        ...readTextMap(this.#nodes, readMap(this.#nodes, this.#root, "environment_variables"), "plaintext"),
        ...readTextMap(this.#nodes, env, "variables"),
      },
      parameterStore: readTextMap(this.#nodes, env, "parameter-store"),
      secretsManager: readTextMap(this.#nodes, env, "secrets-manager"),
      exportedVariables: readTexts(this.#nodes, env, "exported-variables"),
    };
  }

  #phases(): Pick<Buildspec, "phases" | "phaseOrder"> {
    const entries = readMap(this.#nodes, this.#root, "phases");
    if (entries === undefined) throw new BuildspecError("missing phases", { hint: "at least one phase is needed" });
    const phases: Buildspec["phases"] = {};
    for (const [key, node] of entries) {
      const name = phaseNames.find((candidate) => candidate === key);
      // AWS's text as it is remembered; not verified against a recorded build.
      const expected = "Expecting: build,install,post_build,pre_build";
      if (name === undefined) {
        const near = phaseNames.find(
          (candidate) => candidate.replace("_", "") === key.toLowerCase().replace(/[-_]/, ""),
        );
        const hint = near === undefined ? undefined : `did you mean "${near}"?`;
        throw this.#nodes.refusal(`Invalid buildspec phase name: ${key}. ${expected}`, node, hint);
      }
      phases[name] = this.#phase(name, readMap(this.#nodes, entries, key) ?? new Map());
    }
    return { phases, phaseOrder: Object.keys(phases) as PhaseName[] };
  }

  #phase(name: PhaseName, phase: Entries): BuildspecPhase {
    if (phase.has("steps")) {
      const message = "steps (GitHub Actions in a phase) are not supported here";
      throw this.#nodes.refusal(message, phase.get("steps"), "write the same as commands");
    }
    this.#sortKeys(phase, keys.phase, `phases.${name}.`);
    return {
      commands: this.#commands(phase, "commands"),
      finally: this.#commands(phase, "finally"),
      onFailure: this.#onFailure(phase.get("on-failure")),
      runtimeVersions: readTextMap(this.#nodes, phase, "runtime-versions"),
    };
  }

  #onFailure(node: unknown): BuildspecPhase["onFailure"] {
    const text = this.#nodes.text(node);
    if (text === undefined || text === "ABORT" || text === "CONTINUE") return text;
    throw this.#nodes.refusal(`on-failure: ${text} is not supported here`, node, "ABORT or CONTINUE");
  }

  /** The text of AWS's refusal is the one people search for: an unquoted `echo foo: bar` makes a mapping. */
  #commands(phase: Entries, key: "commands" | "finally"): string[] {
    const node = phase.get(key);
    const items = this.#nodes.items(node);
    if (items === undefined) {
      if (node == null || this.#nodes.entriesOf(node) === undefined) return readTexts(this.#nodes, phase, key);
      throw this.#nodes.refusal(`Expected ${key} to be a list`, node, "begin each command with a dash");
    }
    return items.map((item, index) => {
      const text = this.#nodes.text(item);
      if (text !== undefined) return text;
      const line = this.#nodes.lineOf(item) ?? 0;
      const label = key === "commands" ? "Commands" : "Finally";
      const message = `Expected ${label}[${index}] to be of string type: found subkeys instead at line ${line}, value of the key tag on line ${line - 1} might be empty`;
      throw new BuildspecError(message, {
        line,
        hint: "quote a command that holds a colon and a space: 'echo a: b'",
      });
    });
  }

  #artifacts(block: Entries): ArtifactsBlock {
    const { text } = this.#nodes;
    return {
      files: readTexts(this.#nodes, block, "files"),
      baseDirectory: text(block.get("base-directory")),
      excludePaths: readTexts(this.#nodes, block, "exclude-paths"),
      discardPaths: ["yes", "true"].includes(text(block.get("discard-paths"))?.toLowerCase() ?? ""),
      name: text(block.get("name")),
    };
  }

  #secondaryArtifacts(artifacts: Entries | undefined): Record<string, ArtifactsBlock> {
    const blocks = readMap(this.#nodes, artifacts, "secondary-artifacts") ?? (new Map() as Entries);
    if (blocks.size > 0) this.#notCarriedOut.add("artifacts.secondary-artifacts");
    return Object.fromEntries(
      [...blocks.keys()].map((name) => [name, this.#artifacts(readMap(this.#nodes, blocks, name) ?? new Map())]),
    );
  }
}
