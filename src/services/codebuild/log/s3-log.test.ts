import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { buildspecOf, runTestBuild } from "../../../../test/builds/run-test-build.ts";
import { AwsError } from "../../../aws-api/aws-error.ts";
import { describeBuild } from "../build.ts";

const settings = { logsConfig: { s3Logs: { status: "ENABLED" as const, location: "bucket/logs" } } };

test("s3Logs is the whole log, masked and compressed, under the build's ID", async (t) => {
  const env = { "secrets-manager": { PASSWORD: "hub:password" } };
  const { build, log, opened, left } = await runTestBuild(t, buildspecOf({ build: ["echo $PASSWORD"] }, { env }), {
    project: { settings, artifacts: { type: "NO_ARTIFACTS" } },
  });
  const key = `bucket/logs/${build.id.split(":")[1]}.gz`;
  assert.equal(gunzipSync(opened.objects.get(key) ?? "").toString(), log);
  assert.equal(opened.cloudWatchLog, log);
  assert.match(log, /^\*\*\*$/m);
  assert.equal(describeBuild(build).logs?.s3LogsArn, `arn:aws:s3:::${key}`);
  assert.deepEqual(left, []);
});

test("a build goes on without its log in S3 where the role may not write it", async (t) => {
  const call = () => Promise.reject(new AwsError("AccessDenied", "Access Denied"));
  const { build, opened } = await runTestBuild(t, buildspecOf({ build: ["true"] }), {
    project: { settings, artifacts: { type: "NO_ARTIFACTS" } },
    collaborators: { call },
  });
  assert.equal(build.status, "SUCCEEDED");
  assert.match(opened.notes.join("\n"), /the build's log is not in s3:\/\/bucket\/logs\/.*: Access Denied/);
});
