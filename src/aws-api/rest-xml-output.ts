import { Readable } from "node:stream";
import type { NormalizedSchema } from "@smithy/core/schema";
import { bodiless, s3HeadersFor } from "./s3-error-status.ts";
import type { WireProtocol, WireResponse } from "./wire.ts";
import { escapeXml } from "./xml-text.ts";

interface Writers {
  text(schema: NormalizedSchema, value: unknown): string;
  document(schema: NormalizedSchema, value: unknown): string;
}

const prologue = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Writes an output's members into headers and body. An answer with `ContentRange` is a 206. */
export async function createRestOutputWriter(xmlNamespace: string): Promise<WireProtocol["writeOutput"]> {
  const write = await openWriters(xmlNamespace);
  return ({ name, output: schema, http }, output, requestId) => {
    const members = schema.isStructSchema() ? [...schema.structIterator()] : [];
    const headers = { ...s3HeadersFor(requestId), ...headersOf(members, output, write) };
    const statusCode = "content-range" in headers ? 206 : (http?.[2] ?? 200);
    const payload = members.find(([, member]) => member.getMergedTraits().httpPayload);
    if (payload !== undefined) {
      const [memberName, member] = payload;
      const body = payloadOf(member, output[memberName], write);
      return { statusCode, headers: withType(headers, member, body), body };
    }
    const inDocument = members.filter(([, member]) => isInDocument(member));
    if (inDocument.length === 0 || bodiless.has(statusCode)) return { statusCode, headers, body: "" };
    const content = Object.fromEntries(inDocument.map(([memberName]) => [memberName, output[memberName]]));
    const body = name === "GetBucketLocation" ? bucketLocation(output, xmlNamespace) : write.document(schema, content);
    return { statusCode, headers: { ...headers, "content-type": "application/xml" }, body };
  };
}

async function openWriters(xmlNamespace: string): Promise<Writers> {
  const { ToStringShapeSerializer } = await import("@smithy/core/protocols");
  const { XmlShapeSerializer } = await import("@aws-sdk/core/protocols");
  const timestampFormat = { useTrait: true, default: 5 as const };
  const settings = { timestampFormat, httpBindings: true, xmlNamespace, serviceNamespace: "" };
  const strings = new ToStringShapeSerializer(settings);
  const documents = new XmlShapeSerializer(settings);
  return {
    text(schema, value) {
      strings.write(schema, value);
      return strings.flush();
    },
    document(schema, value) {
      documents.write(schema, value as object);
      return prologue + String(documents.flush());
    },
  };
}

function isInDocument(member: NormalizedSchema): boolean {
  const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
  return httpHeader === undefined && httpPrefixHeaders === undefined;
}

function headersOf(
  members: [string, NormalizedSchema][],
  output: Record<string, unknown>,
  write: Writers,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, member] of members) {
    const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
    const value = output[name];
    if (value === undefined) continue;
    if (typeof httpHeader === "string") headers[httpHeader.toLowerCase()] = headerText(write.text(member, value));
    if (typeof httpPrefixHeaders !== "string") continue;
    for (const [key, text] of Object.entries(value as object))
      headers[httpPrefixHeaders + key] = headerText(String(text));
  }
  return headers;
}

/** What came in as a header is bytes already; a file name from a query (`response-content-disposition`) is text. */
function headerText(text: string): string {
  return [...text].some((character) => character > "\u00ff") ? Buffer.from(text, "utf8").toString("latin1") : text;
}

function payloadOf(member: NormalizedSchema, value: unknown, write: Writers): WireResponse["body"] {
  if (value === undefined) return "";
  if (typeof value === "string" || value instanceof Uint8Array || value instanceof Readable) return value;
  return write.document(member, value);
}

/** An object has the content type that it was stored with. */
function withType(headers: Record<string, string>, member: NormalizedSchema, body: WireResponse["body"]) {
  if (headers["content-type"] !== undefined || body === "") return headers;
  const type = member.isStructSchema()
    ? "application/xml"
    : member.isStringSchema()
      ? "application/json"
      : "binary/octet-stream";
  return { ...headers, "content-type": type };
}

/** S3 writes the region as the root element's own text. */
function bucketLocation({ LocationConstraint }: Record<string, unknown>, xmlNamespace: string): string {
  const text = LocationConstraint === undefined ? "" : escapeXml(String(LocationConstraint));
  return `${prologue}<LocationConstraint xmlns="${xmlNamespace}">${text}</LocationConstraint>`;
}
