import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import { UsageError } from "../../usage-error.ts";
import type { CheckConfiguration, IgnoreEntry } from "./check-configuration.ts";

/** `shown` is the file as its reader named it. */
export function parseCheckConfiguration(text: string, shown: string): CheckConfiguration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: "core", logLevel: "silent" });
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file: shown, line, column: col };
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const message = error.message.split(/ at line |\n/)[0];
    throw new UsageError("CHECK_CONFIG", `no well-formed YAML: ${message}`, placeAt(error.pos[0]));
  }
  const reading: Reading = {
    refuse: (node, message, hint) =>
      new UsageError("CHECK_CONFIG", message, {
        ...placeAt(node?.range?.[0] ?? 0),
        ...(hint === undefined ? {} : { hint }),
      }),
    placeOf: (node) => `${shown}:${placeAt(node.range?.[0] ?? 0).line}`,
  };
  const root = document.contents;
  if (root === null || isEmptyScalar(root)) return { ignore: [] };
  const check = readMembers(root, ["check"], "the configuration", reading).get("check");
  if (check === undefined || isEmptyScalar(check)) return { ignore: [] };
  const ignore = readMembers(check, ["ignore"], "check", reading).get("ignore");
  if (ignore === undefined || isEmptyScalar(ignore)) return { ignore: [] };
  if (!isSeq(ignore)) throw reading.refuse(ignore, "check.ignore is a list", "- code: CHUBO001");
  return { ignore: ignore.items.map((item) => readEntry(item as Node, reading)) };
}

interface Reading {
  refuse(node: Node | undefined, message: string, hint?: string): UsageError;
  placeOf(node: Node): string;
}

function readEntry(node: Node, reading: Reading): IgnoreEntry {
  const members = readMembers(node, ["code", "path", "image", "reason"], "an entry of check.ignore", reading);
  const textOf = (name: string): string | undefined => {
    const value = members.get(name);
    if (value === undefined) return undefined;
    const text = isScalar(value) && typeof value.value === "string" ? value.value.trim() : "";
    if (text === "") throw reading.refuse(value, `${name} is a text that is not empty`);
    return text;
  };
  const [code, path, image, reason] = ["code", "path", "image", "reason"].map(textOf);
  if (code === undefined) throw reading.refuse(node, "code is missing", "code: CHUBO001");
  if (!/^CHUBO\d{3}$/.test(code)) throw reading.refuse(members.get("code"), `no code of a rule: ${code}`, "CHUBO001");
  if (reason === undefined) {
    throw reading.refuse(
      node,
      "reason is missing: say why this is no problem here",
      "reason: pulled once a month by hand",
    );
  }
  return {
    ...{ code, reason, place: reading.placeOf(node) },
    ...(path === undefined ? {} : { path }),
    ...(image === undefined ? {} : { image }),
  };
}

function readMembers(node: Node, known: readonly string[], what: string, reading: Reading): Map<string, Node> {
  if (!isMap(node)) throw reading.refuse(node, `${what} is a map with ${known.join(", ")}`);
  return new Map(
    (node as YAMLMap<Node, Node | null>).items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : "";
      if (!known.includes(name)) {
        throw reading.refuse(key, `unknown key ${JSON.stringify(name)} in ${what}`, `known are ${known.join(", ")}`);
      }
      return [name, value ?? key] as const;
    }),
  );
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}
