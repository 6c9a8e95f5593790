import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./aws-error.ts";
import { routeS3, s3TargetOf } from "./s3-router.ts";
import type { OperationSchema } from "./sdk-schemas.ts";
import type { OpenProtocol, WireRequest, WireResponse } from "./wire.ts";
import { escapeXml } from "./xml-text.ts";

const timestampFormat = { useTrait: true, default: 5 as const };

/** S3's XML documents are small; only `Body` is a stream. */
const maximumDocument = 8 * 1024 * 1024;

/** S3's protocol. https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
export const openRestXmlProtocol: OpenProtocol = async ({ xmlNamespace }) => {
  const { FromStringShapeDeserializer, ToStringShapeSerializer } = await import("@smithy/core/protocols");
  const { XmlShapeSerializer, XmlShapeDeserializer } = await import("@aws-sdk/core/protocols");
  const settings = { timestampFormat, httpBindings: true, xmlNamespace: xmlNamespace ?? "", serviceNamespace: "" };
  const strings = new FromStringShapeDeserializer(settings as never);
  const readXml = async (schema: NormalizedSchema, body: Buffer) =>
    new XmlShapeDeserializer(settings as never).read(schema, body) as unknown;
  const writeText = (schema: NormalizedSchema, value: unknown) => {
    const serializer = new ToStringShapeSerializer(settings as never);
    serializer.write(schema, value);
    return String(serializer.flush());
  };
  const writeXml = (schema: NormalizedSchema, value: unknown) => {
    const serializer = new XmlShapeSerializer(settings as never);
    serializer.write(schema, value);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${String(serializer.flush())}`;
  };
  return {
    findOperationName: routeS3,
    async readInput(request, { input }) {
      const members: Record<string, unknown> = {};
      const inBody: string[] = [];
      for (const [name, member] of input.structIterator()) {
        const bound = await readBound(name, member, request, readXml, (schema, text) => strings.read(schema, text));
        if (bound === notBound) inBody.push(name);
        else if (bound !== undefined) members[name] = bound;
      }
      if (inBody.length === 0) return members;
      const body = await readDocument(request);
      return body.length === 0 ? members : { ...((await readXml(input, body)) as object), ...members };
    },
    writeOutput: (operation, output, requestId) =>
      writeRestOutput(operation, output, requestId, { text: writeText, xml: writeXml }),
    writeError(error, schemas, requestId) {
      const statusCode = error.statusCode ?? schemas.findError(error.name)?.statusCode ?? s3Statuses[error.name] ?? 400;
      const members = Object.entries(error.members).map(
        ([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`,
      );
      const text = `<Code>${error.name}</Code><Message>${escapeXml(error.message)}</Message>${members.join("")}`;
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${text}<RequestId>${requestId}</RequestId></Error>`;
      return { statusCode, headers: { ...headersFor(requestId), "content-type": "application/xml" }, body };
    },
  };
};

/** Statuses of S3's errors that are in no schema. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const s3Statuses: Record<string, number> = {
  AccessDenied: 403,
  BucketNotEmpty: 409,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  NoSuchBucketPolicy: 404,
  NoSuchTagSet: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  ServerSideEncryptionConfigurationNotFoundError: 404,
};

const notBound = Symbol("not bound to the HTTP message");

function headersFor(requestId: string): Record<string, string> {
  return { "x-amz-request-id": requestId, server: "AmazonS3" };
}

async function readDocument({ body }: WireRequest): Promise<Buffer> {
  const document = Buffer.isBuffer(body) ? body : await buffer(body);
  if (document.length <= maximumDocument) return document;
  throw new AwsError("MaxMessageLengthExceeded", "Your request was too big.");
}

/** Reads one member from where its trait says that it stands. */
async function readBound(
  name: string,
  member: NormalizedSchema,
  request: WireRequest,
  readXml: (schema: NormalizedSchema, body: Buffer) => Promise<unknown>,
  readText: (schema: NormalizedSchema, text: string) => unknown,
): Promise<unknown> {
  const traits = member.getMergedTraits();
  const fromText = (text: string | null | undefined) => (text == null ? undefined : readText(member, text));
  if (name === "Bucket") return s3TargetOf(request).bucket;
  if (name === "Key" && traits.httpLabel) return s3TargetOf(request).key;
  if (typeof traits.httpQuery === "string") return fromText(request.query.get(traits.httpQuery));
  if (typeof traits.httpHeader === "string") return fromText(request.headers[traits.httpHeader.toLowerCase()]);
  if (typeof traits.httpPrefixHeaders === "string") return readPrefixed(request, traits.httpPrefixHeaders);
  if (!traits.httpPayload) return notBound;
  if (member.isStreaming() || member.isBlobSchema()) return request.body;
  const body = await readDocument(request);
  if (body.length === 0) return undefined;
  return member.isStringSchema() ? body.toString("utf8") : readXml(member, body);
}

function readPrefixed({ headers }: WireRequest, prefix: string): Record<string, string> {
  const names = Object.keys(headers).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), headers[name] ?? ""]));
}

interface RestWriters {
  text(schema: NormalizedSchema, value: unknown): string;
  xml(schema: NormalizedSchema, value: unknown): string;
}

function writeRestOutput(
  { name, output: schema, http }: OperationSchema,
  output: Record<string, unknown>,
  requestId: string,
  write: RestWriters,
): WireResponse {
  const members = schema.isStructSchema() ? [...schema.structIterator()] : [];
  const headers = { ...headersFor(requestId), ...headersOfOutput(members, output, write) };
  const statusCode = "content-range" in headers ? 206 : (http?.[2] ?? 200);
  const payload = members.find(([, member]) => member.getMergedTraits().httpPayload);
  if (payload !== undefined) {
    const [memberName, member] = payload;
    return { statusCode, headers, body: writePayload(member, output[memberName], write) };
  }
  if (!members.some(([, member]) => isInDocument(member))) return { statusCode, headers, body: "" };
  const body = name === "GetBucketLocation" ? bucketLocation(output) : write.xml(schema, output);
  return { statusCode, headers: { ...headers, "content-type": "application/xml" }, body };
}

function isInDocument(member: NormalizedSchema): boolean {
  const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
  return httpHeader === undefined && httpPrefixHeaders === undefined;
}

function headersOfOutput(
  members: [string, NormalizedSchema][],
  output: Record<string, unknown>,
  write: RestWriters,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, member] of members) {
    const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
    const value = output[name];
    if (value === undefined) continue;
    if (typeof httpHeader === "string") headers[httpHeader.toLowerCase()] = write.text(member, value);
    if (typeof httpPrefixHeaders !== "string") continue;
    for (const [key, text] of Object.entries(value as object)) headers[httpPrefixHeaders + key] = String(text);
  }
  return headers;
}

function writePayload(member: NormalizedSchema, value: unknown, write: RestWriters): WireResponse["body"] {
  if (value === undefined) return "";
  if (typeof value === "string" || value instanceof Uint8Array || value instanceof Readable) return value;
  return write.xml(member, value);
}

/** S3 writes the region as the root element's own text. */
function bucketLocation({ LocationConstraint }: Record<string, unknown>): string {
  const text = LocationConstraint === undefined ? "" : escapeXml(String(LocationConstraint));
  const root = `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${text}</LocationConstraint>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}
