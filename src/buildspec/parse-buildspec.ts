import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import {
  type ArtifactsBlock,
  type Buildspec,
  BuildspecError,
  type BuildspecPhase,
  type PhaseName,
  phaseNames,
} from "./buildspec.ts";

/** Keys with an effect on AWS that is not carried out here. */
const notCarriedOutKeys = new Set(["batch", "cache", "reports", "proxy", "run-as"]);
const knownKeys = new Set(["version", "env", "phases", "artifacts", ...notCarriedOutKeys]);
const knownPhaseKeys = new Set(["commands", "finally", "on-failure", "run-as", "runtime-versions"]);

/** Reads a buildspec (YAML, so JSON too). Throws BuildspecError with the line where it knows it. */
export function parseBuildspec(text: string): Buildspec {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: "core", uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw yamlError(error, lines);
  return new BuildspecReader(document, lines).read();
}

function yamlError(
  error: { message: string; pos: [number, number]; code: string },
  lines: LineCounter,
): BuildspecError {
  const { line } = lines.linePos(error.pos[0]);
  // Go's YAML library words it so; builds on AWS show this text for an unquoted `a: b: c`.
  const isNested = /nested mappings|implicit keys|compact mappings/i.test(error.message);
  const message = isNested ? "mapping values are not allowed in this context" : error.message.split("\n")[0];
  return new BuildspecError(`${message} at line ${line}`, { line, cause: error });
}

/** Walks the document's nodes, so that each refusal can name its line. */
class BuildspecReader {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #notCarriedOut: string[] = [];

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(): Buildspec {
    const root = this.#document.contents as Node | null;
    if (!isMap(root))
      throw new BuildspecError("invalid buildspec: a mapping with the keys version and phases is expected");
    for (const { key, node } of entriesOf(root)) {
      if (!knownKeys.has(key)) throw this.#refusal(`unknown key: ${key}`, node);
      if (notCarriedOutKeys.has(key)) this.#notCarriedOut.push(key);
    }
    const version = this.#version(root);
    const env = this.#map(root, "env");
    const artifacts = this.#map(root, "artifacts");
    return {
      version,
      ...this.#environment(env),
      ...this.#phases(root),
      artifacts: artifacts?.has("files") === true ? this.#artifacts(artifacts) : undefined,
      secondaryArtifacts: this.#secondaryArtifacts(artifacts),
      notCarriedOut: this.#notCarriedOut,
    };
  }

  #version(root: YAMLMap): "0.1" | "0.2" {
    const node = root.get("version", true);
    if (node === undefined) throw new BuildspecError("missing version: the buildspec needs version: 0.2");
    const text = scalarText(node);
    if (text !== "0.1" && text !== "0.2") throw this.#refusal(`invalid buildspec version: ${text}`, node as Node);
    return text;
  }

  #environment(env: YAMLMap | undefined) {
    const shellNode = env?.get("shell", true);
    const shell = scalarText(shellNode) ?? "/bin/sh";
    if (!["bash", "sh", "/bin/sh", "/bin/bash"].includes(shell)) {
      throw this.#refusal(`env.shell ${shell} is not supported here: bash or /bin/sh`, shellNode as Node);
    }
    if (env?.has("git-credential-helper")) this.#notCarriedOut.push("env.git-credential-helper");
    const variables = this.#stringMap(env, "variables");
    for (const name of Object.keys(variables)) {
      if (name.startsWith("CODEBUILD_")) {
        throw this.#refusal(
          `environment variable names may not begin with CODEBUILD_: ${name}`,
          env?.get("variables", true) as Node,
        );
      }
    }
    return {
      shell: shell.endsWith("bash") ? ("bash" as const) : ("sh" as const),
      variables,
      parameterStore: this.#stringMap(env, "parameter-store"),
      secretsManager: this.#stringMap(env, "secrets-manager"),
      exportedVariables: this.#strings(env, "exported-variables"),
    };
  }

  #phases(root: YAMLMap): Pick<Buildspec, "phases" | "phaseOrder"> {
    const node = this.#map(root, "phases");
    if (node === undefined) throw new BuildspecError("missing phases: the buildspec needs at least one phase");
    const phases: Buildspec["phases"] = {};
    for (const { key, node: phase } of entriesOf(node)) {
      const name = phaseNames.find((candidate) => candidate === key);
      if (name === undefined)
        throw this.#refusal(`invalid phase name: ${key}. Expecting: ${phaseNames.join(", ")}`, phase);
      phases[name] = this.#phase(name, phase);
    }
    return { phases, phaseOrder: Object.keys(phases) as PhaseName[] };
  }

  #phase(name: PhaseName, node: Node | null): BuildspecPhase {
    const phase = isMap(node) ? node : undefined;
    for (const { key, node: value } of phase === undefined ? [] : entriesOf(phase)) {
      if (key === "steps") throw this.#refusal("steps (GitHub Actions in a phase) are not supported here", value);
      if (!knownPhaseKeys.has(key)) throw this.#refusal(`unknown key in phase ${name}: ${key}`, value);
      if (key === "run-as") this.#notCarriedOut.push(`phases.${name}.run-as`);
    }
    return {
      commands: this.#commands(phase, "commands"),
      finally: this.#commands(phase, "finally"),
      onFailure: this.#onFailure(phase),
      runtimeVersions: this.#stringMap(phase, "runtime-versions"),
    };
  }

  #onFailure(phase: YAMLMap | undefined): BuildspecPhase["onFailure"] {
    const node = phase?.get("on-failure", true);
    const text = scalarText(node);
    if (text === undefined || text === "ABORT" || text === "CONTINUE") return text;
    throw this.#refusal(`on-failure: ${text} is not supported here: ABORT or CONTINUE`, node as Node);
  }

  /** The text of AWS's refusal is the one people search for: an unquoted `echo foo: bar` makes a mapping. */
  #commands(phase: YAMLMap | undefined, key: "commands" | "finally"): string[] {
    const node = phase?.get(key, true) as Node | undefined;
    if (node === undefined || (isScalar(node) && node.value === null)) return [];
    if (isScalar(node)) return [scalarText(node) as string];
    if (!isSeq(node)) throw this.#refusal(`Expected ${key} to be a list`, node);
    return node.items.map((item, index) => {
      const text = scalarText(item);
      if (text !== undefined) return text;
      const line = this.#lineOf(item as Node) ?? 0;
      const label = key === "commands" ? "Commands" : "Finally";
      const message = `Expected ${label}[${index}] to be of string type: found subkeys instead at line ${line}, value of the key tag on line ${line - 1} might be empty`;
      throw new BuildspecError(message, { line });
    });
  }

  #artifacts(block: YAMLMap): ArtifactsBlock {
    return {
      files: this.#strings(block, "files"),
      baseDirectory: scalarText(block.get("base-directory", true)),
      excludePaths: this.#strings(block, "exclude-paths"),
      discardPaths: ["yes", "true"].includes(scalarText(block.get("discard-paths", true)) ?? ""),
      name: scalarText(block.get("name", true)),
    };
  }

  #secondaryArtifacts(artifacts: YAMLMap | undefined): Record<string, ArtifactsBlock> {
    const node = this.#map(artifacts, "secondary-artifacts");
    const blocks = node === undefined ? [] : entriesOf(node);
    return Object.fromEntries(
      blocks.map(({ key, node: block }) => {
        if (!isMap(block)) throw this.#refusal(`secondary-artifacts.${key} is not a mapping`, block);
        return [key, this.#artifacts(block)];
      }),
    );
  }

  #map(parent: YAMLMap | undefined, key: string): YAMLMap | undefined {
    const node = parent?.get(key, true) as Node | undefined;
    if (node === undefined || (isScalar(node) && node.value === null)) return undefined;
    if (!isMap(node)) throw this.#refusal(`${key} is not a mapping`, node);
    return node as YAMLMap;
  }

  #stringMap(parent: YAMLMap | undefined, key: string): Record<string, string> {
    const node = this.#map(parent, key);
    if (node === undefined) return {};
    return Object.fromEntries(
      entriesOf(node).map(({ key: name, node: value }) => {
        const text = scalarText(value);
        if (text === undefined) throw this.#refusal(`Expected ${key}.${name} to be of string type`, value);
        return [name, text];
      }),
    );
  }

  #strings(parent: YAMLMap | undefined, key: string): string[] {
    const node = parent?.get(key, true) as Node | undefined;
    if (node === undefined) return [];
    if (isScalar(node)) return node.value === null ? [] : [scalarText(node) as string];
    const items = isSeq(node) ? node.items.map(scalarText) : [undefined];
    if (items.includes(undefined)) throw this.#refusal(`Expected ${key} to be a list of strings`, node);
    return items as string[];
  }

  #refusal(message: string, node: Node | null | undefined): BuildspecError {
    const line = this.#lineOf(node);
    return new BuildspecError(
      line === undefined ? message : `${message} at line ${line}`,
      line === undefined ? {} : { line },
    );
  }

  #lineOf(node: Node | null | undefined): number | undefined {
    return node?.range == null ? undefined : this.#lines.linePos(node.range[0]).line;
  }
}

function entriesOf(map: YAMLMap): { key: string; node: Node | null }[] {
  return map.items.map((pair) => ({ key: scalarText(pair.key) ?? "", node: pair.value as Node | null }));
}

/** The text as written: `yes`, `0.20` and `2020-01-01` stay what they are. Undefined for what is no scalar. */
function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  if (typeof node.value === "string") return node.value;
  return node.source ?? String(node.value);
}
