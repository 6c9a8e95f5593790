import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceTable } from "./sdk-schemas.ts";
import { loadServiceSchemas, requiredMembers } from "./service-schemas.ts";

interface ClientConfig {
  protocol: object;
  protocolSettings: { xmlNamespace?: string; serviceTarget: string };
  defaultSigningName: string;
}

const protocols: Record<string, RegExp> = { json: /^AwsJson1_\d/, query: /^AwsQuery/, "rest-xml": /RestXml/ };

for (const [name, row] of Object.entries(serviceTable)) {
  test(`the table says of ${name} what its client says`, async () => {
    const client = await row.load();
    const key = Object.keys(client).find((exported) => /^[A-Z].*Client$/.test(exported)) ?? "";
    const Client = client[key] as new (options: object) => { config: ClientConfig };
    const { config } = new Client({ region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
    const protocol = config.protocol.constructor.name;
    assert.match(protocol, protocols[row.protocol]!);
    assert.equal(config.defaultSigningName, name);
    if (row.protocol === "json") {
      assert.equal(config.protocolSettings.serviceTarget, row.target);
      assert.ok(protocol.includes(`AwsJson${row.jsonVersion?.replace(".", "_")}`));
    } else {
      assert.equal(config.protocolSettings.xmlNamespace, row.xmlNamespace);
    }
  });
}

// The schemas' encoding is internal to the SDK: this fails first where an update changes it.
test("the schemas hold operations, their required members, and errors with their statuses", async () => {
  const s3 = await loadServiceSchemas(serviceTable.s3!);
  const upload = s3.operations.get("UploadPart");
  assert.deepEqual(upload?.http, ["PUT", "/{Key+}?x-id=UploadPart", 200]);
  assert.deepEqual(requiredMembers(upload!.input), ["Bucket", "Key", "PartNumber", "UploadId"]);
  assert.equal(upload?.input.getMemberSchema("PartNumber").getMergedTraits().httpQuery, "partNumber");
  assert.ok(upload?.input.getMemberSchema("Body").isStreaming());
  const iam = await loadServiceSchemas(serviceTable.iam!);
  assert.deepEqual(iam.errors.get("NoSuchEntityException"), { code: "NoSuchEntity", statusCode: 404 });
  assert.deepEqual(iam.errors.get("NoSuchEntity"), { code: "NoSuchEntity", statusCode: 404 });
  assert.ok(iam.operations.get("DeleteRole")?.output.isUnitSchema());
});
