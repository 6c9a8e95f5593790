import type { UsageError } from "../usage-error.ts";
import { templateProblem } from "./template-error.ts";
import type { NodePlace, ResolvedNode } from "./template-node.ts";

/** Reads what `{{resolve:…}}` names; throws where it is not there. A service without its member is refused. */
export interface DynamicReferenceSource {
  readSecretString(secretId: string, version: { stage?: string; id?: string }): Promise<string>;
  readParameter?(name: string, version: string | undefined): Promise<string>;
}

/** The services that a source can resolve. */
export function dynamicReferenceServices(source: DynamicReferenceSource | undefined): string[] {
  if (source === undefined) return [];
  return source.readParameter === undefined ? ["secretsmanager"] : ["secretsmanager", "ssm"];
}

/** `{{resolve:SERVICE:KEY}}`. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html */
export interface DynamicReference {
  service: string;
  key: string;
  whole: string;
}

export function findDynamicReferences(text: string): DynamicReference[] {
  return [...text.matchAll(/\{\{resolve:([a-z-]+):([^{}]*)\}\}/g)].map(([whole, service = "", key = ""]) => ({
    service,
    key,
    whole,
  }));
}

/** A value whose dynamic references are left open: only the creation of its resource reads them. */
export function withoutDynamicReferences(node: ResolvedNode): ResolvedNode {
  switch (node.kind) {
    case "scalar":
      return findDynamicReferences(node.text).length > 0 ? { kind: "unknown", place: node.place } : node;
    case "list":
      return { ...node, items: node.items.map(withoutDynamicReferences) };
    case "map": {
      const entries = [...node.entries].map(
        ([key, entry]) => [key, { ...entry, value: withoutDynamicReferences(entry.value) }] as const,
      );
      return { ...node, entries: new Map(entries) };
    }
    case "unknown":
      return node;
  }
}

/** Dynamic references that cannot be resolved: of a service that is not among the given ones. */
export function dynamicReferenceProblems(node: ResolvedNode, services: readonly string[]): UsageError[] {
  switch (node.kind) {
    case "scalar":
      return findDynamicReferences(node.text)
        .filter(({ service }) => !services.includes(service))
        .map(({ whole, service }) => unsupported(whole, service, node.place));
    case "list":
      return node.items.flatMap((item) => dynamicReferenceProblems(item, services));
    case "map":
      return [...node.entries.values()].flatMap(({ value }) => dynamicReferenceProblems(value, services));
    case "unknown":
      return [];
  }
}

function unsupported(whole: string, service: string, place: NodePlace): UsageError {
  const message = `the dynamic reference ${whole} is not supported by chubo here`;
  return templateProblem("TEMPLATE_UNSUPPORTED", message, place, `resolve:${service} would read it; use a parameter`);
}

/**
 * Resolves the references in a scalar, and in all below a list or map. What was read from Secrets Manager goes to
 * `onSecret`, so that its value can be kept out of messages.
 */
export async function resolveDynamicReferences(
  node: ResolvedNode,
  source: DynamicReferenceSource,
  onSecret: (value: string) => void,
): Promise<ResolvedNode> {
  if (node.kind === "scalar") {
    let { text } = node;
    const found = findDynamicReferences(text);
    for (const reference of found) {
      const value = await readReference(reference, source);
      if (reference.service === "secretsmanager") onSecret(value);
      text = text.replace(reference.whole, () => value);
    }
    return found.length === 0 ? node : { ...node, value: text, text };
  }
  if (node.kind === "list") {
    const items = await Promise.all(node.items.map((item) => resolveDynamicReferences(item, source, onSecret)));
    return { ...node, items };
  }
  if (node.kind === "map") {
    const entries = [...node.entries].map(async ([key, entry]) => {
      const value = await resolveDynamicReferences(entry.value, source, onSecret);
      return [key, { ...entry, value }] as const;
    });
    return { ...node, entries: new Map(await Promise.all(entries)) };
  }
  return node;
}

async function readReference({ service, key }: DynamicReference, source: DynamicReferenceSource): Promise<string> {
  if (service === "ssm") {
    // Other sources were refused before creation.
    const [, name = "", version] = /^(.*?)(?::(\d+))?$/.exec(key) ?? [];
    return (source as Required<DynamicReferenceSource>).readParameter(name, version);
  }
  // An ARN holds six colons of its own.
  const [, id = "", rest = ""] = /^(arn:(?:[^:]*:){5}[^:]*|[^:]*)(?::(.*))?$/.exec(key) ?? [];
  const [, jsonKey, stage, versionId] = rest.split(":");
  const version = { ...(stage && { stage }), ...(versionId && { id: versionId }) };
  const secret = await source.readSecretString(id, version);
  return jsonKey ? readJsonKey(secret, jsonKey, id) : secret;
}

function readJsonKey(secret: string, key: string, id: string): string {
  const missing = () =>
    templateProblem(
      "TEMPLATE_REFERENCE",
      `Could not find a value associated with JSONKey in SecretString`,
      undefined,
      `the secret is ${id}, the key ${key}`,
    );
  let value: unknown;
  try {
    value = (JSON.parse(secret) as Record<string, unknown> | null)?.[key];
  } catch {
    // The parser's message would quote the secret.
    throw missing();
  }
  if (value === undefined || value === null) throw missing();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
