import type { OpenProtocol } from "./wire.ts";

/** https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export const openJsonProtocol: OpenProtocol = async ({ jsonVersion }) => {
  const { JsonCodec2 } = await import("@smithy/core/protocols");
  const codec = new JsonCodec2({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false });
  const headersFor = (requestId: string) => ({
    "content-type": `application/x-amz-json-${jsonVersion}`,
    "x-amzn-requestid": requestId,
  });
  return {
    findOperationName: ({ headers }) => headers["x-amz-target"]?.split(".").at(-1),
    async readInput({ body }, { input }) {
      const text = (body as Buffer).toString("utf8");
      return (await codec.createDeserializer().read(input, text === "" ? "{}" : text)) as Record<string, unknown>;
    },
    writeOutput({ output: schema }, output, requestId) {
      if (schema.isUnitSchema()) return { statusCode: 200, headers: headersFor(requestId), body: "" };
      const serializer = codec.createSerializer();
      serializer.write(schema, output);
      return { statusCode: 200, headers: headersFor(requestId), body: serializer.flush() };
    },
    writeError(error, schemas, requestId) {
      const statusCode = error.statusCode ?? schemas.findError(error.name)?.statusCode ?? 400;
      const body = JSON.stringify({
        __type: error.name,
        message: error.message,
        Message: error.message,
        ...error.members,
      });
      return { statusCode, headers: { ...headersFor(requestId), "x-amzn-errortype": error.name }, body };
    },
  };
};
