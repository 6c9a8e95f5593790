import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./aws-error.ts";
import { protocolError } from "./protocol-error.ts";
import { readWhole } from "./read-wire-request.ts";
import { createRestOutputWriter } from "./rest-xml-output.ts";
import { bodiless, s3HeadersFor, statusOfS3Error } from "./s3-error-status.ts";
import { createS3Router } from "./s3-router.ts";
import { s3TargetOf } from "./s3-target.ts";
import type { OpenProtocol, WireProtocol, WireRequest } from "./wire.ts";
import { escapeXml } from "./xml-text.ts";

/**
 * S3's protocol. `Body` reaches the operation as a Readable, which fails where it does not match its signature; checksums
 * that trail it are put into the input's members (`ChecksumCRC32`) before the stream ends.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
export const openRestXmlProtocol: OpenProtocol = async ({ xmlNamespace = "" }) => {
  const readers = await openReaders();
  const write = await createRestOutputWriter(xmlNamespace);
  let route: ReturnType<typeof createS3Router> | undefined;
  return {
    findOperationName(request, schemas) {
      route ??= createS3Router(schemas);
      return route(request);
    },
    async readInput(request, { input: schema }) {
      const members: Record<string, unknown> = {};
      const inDocument: string[] = [];
      for (const [name, member] of schema.structIterator()) {
        const bound = await readBound(name, member, request, readers);
        if (bound === notBound) inDocument.push(name);
        else if (bound !== undefined) members[name] = bound;
      }
      if (inDocument.length > 0) {
        const document = (await readers.document(schema, request)) as Record<string, unknown> | undefined;
        for (const name of inDocument) if (document?.[name] !== undefined) members[name] = document[name];
      }
      acceptTrailers(schema, request, members);
      return members;
    },
    writeOutput: write,
    writeError,
  };
};

const writeError: WireProtocol["writeError"] = (error, schemas, requestId) => {
  const statusCode =
    error.statusCode ?? statusOfS3Error(error.name) ?? schemas.errors.get(error.name)?.statusCode ?? 400;
  const headers = s3HeadersFor(requestId);
  if (bodiless.has(statusCode)) return { statusCode, headers, body: "" };
  const members = { Code: error.name, Message: error.message, ...error.members, RequestId: requestId, HostId: "chubo" };
  const text = Object.entries(members).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${text.join("")}</Error>`;
  return { statusCode, headers: { ...headers, "content-type": "application/xml" }, body };
};

interface Readers {
  text(schema: NormalizedSchema, text: string): unknown;
  /** Undefined for an empty body. */
  document(schema: NormalizedSchema, request: WireRequest): Promise<unknown>;
}

async function openReaders(): Promise<Readers> {
  const { FromStringShapeDeserializer } = await import("@smithy/core/protocols");
  const { XmlShapeDeserializer } = await import("@aws-sdk/core/protocols");
  const timestampFormat = { useTrait: true, default: 5 as const };
  const settings = { timestampFormat, httpBindings: true, xmlNamespace: "", serviceNamespace: "" };
  const strings = new FromStringShapeDeserializer(settings);
  const documents = new XmlShapeDeserializer(settings);
  return {
    text(schema, text) {
      try {
        return strings.read(schema, text);
      } catch (cause) {
        throw new AwsError("InvalidArgument", `Invalid value: ${text}`, { cause });
      }
    },
    async document(schema, { body }) {
      const bytes = Buffer.isBuffer(body) ? body : await readWhole(body as AsyncIterable<Buffer>, "rest-xml");
      if (bytes.length === 0) return undefined;
      if (schema.isStringSchema()) return bytes.toString("utf8");
      try {
        return (await documents.read(schema, bytes)) as unknown;
      } catch (cause) {
        throw protocolError("rest-xml", "unreadable", { cause });
      }
    },
  };
}

const notBound = Symbol("not bound to the HTTP message");

/** Reads one member from where its trait says that it stands. */
async function readBound(
  name: string,
  member: NormalizedSchema,
  request: WireRequest,
  readers: Readers,
): Promise<unknown> {
  const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpPayload } = member.getMergedTraits();
  if (httpLabel) return name === "Bucket" ? s3TargetOf(request).bucket : s3TargetOf(request).key;
  if (typeof httpQuery === "string") return readText(member, request.query.get(httpQuery), readers);
  if (typeof httpHeader === "string") return readText(member, request.headers[httpHeader.toLowerCase()], readers);
  if (typeof httpPrefixHeaders === "string") return readPrefixed(request, httpPrefixHeaders);
  if (!httpPayload) return notBound;
  if (member.isStreaming() || member.isBlobSchema()) return request.body;
  return readers.document(member, request);
}

function readText(member: NormalizedSchema, text: string | null | undefined, readers: Readers): unknown {
  return text == null ? undefined : readers.text(member, text);
}

function readPrefixed({ headers }: WireRequest, prefix: string): Record<string, string> | undefined {
  const names = Object.keys(headers).filter((name) => name.startsWith(prefix));
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), headers[name] ?? ""]));
}

/** `x-amz-trailer: x-amz-checksum-crc32` says which checksum will come; its value comes after the body. */
function acceptTrailers(schema: NormalizedSchema, request: WireRequest, members: Record<string, unknown>): void {
  const announced = request.headers["x-amz-trailer"];
  if (announced === undefined) return;
  const memberOf = new Map<string, string>();
  for (const [name, member] of schema.structIterator()) {
    memberOf.set(String(member.getMergedTraits().httpHeader ?? "").toLowerCase(), name);
  }
  const algorithm = memberOf.get(announced.trim().toLowerCase())?.replace(/^Checksum/, "");
  if (algorithm !== undefined) members.ChecksumAlgorithm ??= algorithm;
  request.onTrailer = (name, value) => {
    const member = memberOf.get(name);
    if (member !== undefined) members[member] = value;
  };
}
