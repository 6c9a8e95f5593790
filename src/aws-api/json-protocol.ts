import { AwsError } from "./aws-error.ts";
import { checkInput } from "./check-input.ts";
import { protocolError } from "./protocol-error.ts";
import type { OpenProtocol } from "./wire.ts";

/** awsJson 1.0 and 1.1. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export const openJsonProtocol: OpenProtocol = async ({ jsonVersion = "1.1", target }) => {
  const { JsonCodec2, JsonShapeDeserializer2 } = await import("@smithy/core/protocols");
  const settings = { timestampFormat: { useTrait: true, default: 7 as const }, jsonName: false };
  const codec = new JsonCodec2(settings);
  const reader = new JsonShapeDeserializer2(settings);
  const headersFor = (requestId: string) => ({
    "content-type": `application/x-amz-json-${jsonVersion}`,
    "x-amzn-requestid": requestId,
  });
  return {
    findOperationName({ headers }) {
      const [prefix, name] = headers["x-amz-target"]?.split(".") ?? [];
      return prefix === target ? name : undefined;
    },
    async readInput({ body }, { input: schema }) {
      const document = parseDocument(body as Buffer);
      try {
        const input = reader.readObject(schema, document as Parameters<typeof reader.readObject>[1]) as Record<
          string,
          unknown
        >;
        checkInput(schema, input, "ValidationException");
        return input;
      } catch (error) {
        // The reader throws for what it cannot read, such as a timestamp that is a word.
        throw error instanceof AwsError ? error : protocolError("json", "unreadable", { cause: error });
      }
    },
    writeOutput({ output: schema }, output, requestId) {
      if (schema.isUnitSchema()) return { statusCode: 200, headers: headersFor(requestId), body: "" };
      const writer = codec.createSerializer();
      writer.write(schema, output);
      // The SDK's subclass of Uint8Array warns where it is taken for a string, as Buffer.from does.
      const { buffer, byteOffset, byteLength } = writer.flush();
      return { statusCode: 200, headers: headersFor(requestId), body: new Uint8Array(buffer, byteOffset, byteLength) };
    },
    writeError(error, schemas, requestId) {
      const { name, message, members } = error;
      const statusCode = error.statusCode ?? schemas.errors.get(name)?.statusCode ?? 400;
      // Services differ in the case of the member, and clients read both.
      const body = JSON.stringify({ __type: name, message, Message: message, ...members });
      return { statusCode, headers: { ...headersFor(requestId), "x-amzn-errortype": name }, body };
    },
  };
};

function parseDocument(body: Buffer): object {
  if (body.length === 0) return {};
  let document: unknown;
  try {
    document = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw protocolError("json", "unreadable", { cause });
  }
  if (typeof document === "object" && document !== null && !Array.isArray(document)) return document;
  throw protocolError("json", "unreadable", { message: "Start of structure or map expected." });
}
