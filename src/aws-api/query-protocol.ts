import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./aws-error.ts";
import { checkInput } from "./check-input.ts";
import { protocolError } from "./protocol-error.ts";
import type { OpenProtocol } from "./wire.ts";
import { escapeXml, innerXml } from "./xml-text.ts";

/** A form's names taken apart at their dots: `Tags.member.1.Key=a` → `{Tags: {member: {1: {Key: "a"}}}}`. */
interface FormNode {
  value?: string;
  children: Map<string, FormNode>;
}

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const openQueryProtocol: OpenProtocol = async ({ xmlNamespace = "" }) => {
  const { FromStringShapeDeserializer } = await import("@smithy/core/protocols");
  const { XmlShapeSerializer } = await import("@aws-sdk/core/protocols");
  const strings = new FromStringShapeDeserializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: false,
  });
  const settings = { timestampFormat: { useTrait: true, default: 5 as const }, xmlNamespace: "", serviceNamespace: "" };
  const readScalar = (schema: NormalizedSchema, text: string): unknown => strings.read(schema, text);
  const headersFor = (requestId: string) => ({ "content-type": "text/xml", "x-amzn-requestid": requestId });
  return {
    findOperationName: (request) => formOf(request).get("Action") ?? undefined,
    async readInput(request, { input }) {
      if (input.isUnitSchema()) return {};
      try {
        const members = readStructure(input, treeOf(formOf(request)), readScalar);
        checkInput(input, members, "ValidationError");
        return members;
      } catch (error) {
        // The SDK's reader throws for what it cannot read, such as a date that is a word.
        throw error instanceof AwsError ? error : protocolError("query", "unreadable", { cause: error });
      }
    },
    writeOutput({ name, output: schema }, output, requestId) {
      let result = "";
      if (schema.isStructSchema()) {
        const serializer = new XmlShapeSerializer(settings as never);
        serializer.write(schema, output);
        result = `<${name}Result>${innerXml(String(serializer.flush()))}</${name}Result>`;
      }
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const body = `<${name}Response xmlns="${xmlNamespace}">${result}${metadata}</${name}Response>`;
      return { statusCode: 200, headers: headersFor(requestId), body };
    },
    writeError(error, schemas, requestId) {
      const known = schemas.errors.get(error.name);
      const statusCode = error.statusCode ?? known?.statusCode ?? 400;
      const type = statusCode >= 500 ? "Receiver" : "Sender";
      const code = `<Code>${known?.code ?? error.name}</Code><Message>${escapeXml(error.message)}</Message>`;
      const body = `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${type}</Type>${code}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
      return { statusCode, headers: headersFor(requestId), body };
    },
  };
};

/** Parameters come in the body of a POST, or in the query of a GET. */
function formOf({ method, body, query }: { method: string; body: unknown; query: URLSearchParams }): URLSearchParams {
  return method === "POST" && Buffer.isBuffer(body) && body.length > 0
    ? new URLSearchParams(body.toString("utf8"))
    : query;
}

function treeOf(form: URLSearchParams): FormNode {
  const root: FormNode = { children: new Map() };
  for (const [name, value] of form) {
    let node = root;
    for (const part of name.split(".")) {
      const next = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, next);
      node = next;
    }
    node.value = value;
  }
  return root;
}

type ReadScalar = (schema: NormalizedSchema, text: string) => unknown;

function readNode(schema: NormalizedSchema, node: FormNode, readScalar: ReadScalar): unknown {
  if (schema.isStructSchema()) return readStructure(schema, node, readScalar);
  if (schema.isListSchema()) {
    const member = schema.getValueSchema();
    return numbered(schema, node, member.getMergedTraits().xmlName ?? "member").map((item) =>
      readNode(member, item, readScalar),
    );
  }
  if (schema.isMapSchema()) {
    const [key, value] = [schema.getKeySchema(), schema.getValueSchema()];
    const entries = numbered(schema, node, "entry").map(({ children }) => {
      const keyNode = children.get(String(key.getMergedTraits().xmlName ?? "key"));
      const valueNode = children.get(String(value.getMergedTraits().xmlName ?? "value"));
      return [keyNode?.value ?? "", readNode(value, valueNode ?? { children: new Map() }, readScalar)];
    });
    return Object.fromEntries(entries);
  }
  return node.value === undefined ? undefined : readScalar(schema, node.value);
}

function readStructure(schema: NormalizedSchema, node: FormNode, readScalar: ReadScalar): Record<string, unknown> {
  const structure: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const child = node.children.get(String(member.getMergedTraits().xmlName ?? name));
    if (child !== undefined) structure[name] = readNode(member, child, readScalar);
  }
  return structure;
}

/** Items in the order of their numbers; a flattened list has no wrapper. An empty list is sent as an empty value. */
function numbered(schema: NormalizedSchema, node: FormNode, wrapper: unknown): FormNode[] {
  const container = schema.getMergedTraits().xmlFlattened ? node : node.children.get(String(wrapper));
  const items = [...(container?.children ?? [])].filter(([number]) => /^\d+$/.test(number));
  return items.sort(([one], [other]) => Number(one) - Number(other)).map(([, item]) => item);
}
