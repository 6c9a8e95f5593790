import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { buildspecOf, openTestAccount, testProject } from "../../../../test/builds/run-test-build.ts";
import type { PhaseType } from "../build.ts";
import type { BuildCollaborators, BuildObserver } from "../collaborators.ts";

const silent = () => undefined;
const observer: BuildObserver = { onBuildStart: silent, onPhase: silent, onLog: silent, onNote: silent };

/** Runs a build from S3 to S3 that the collaborators may stop; its phases from the one that is given on. */
async function phasesFrom(
  t: TestContext,
  first: PhaseType,
  collaboratorsOf: (stop: () => void) => Partial<BuildCollaborators>,
) {
  const opened = openTestAccount(
    t,
    collaboratorsOf(() => opened.codeBuild.stop(id)),
  );
  const buildspec = buildspecOf({ build: ["echo x > x.txt"] }, { artifacts: { files: ["x.txt"] } });
  const project = testProject({
    source: { type: "NO_SOURCE", buildspec },
    artifacts: { type: "S3", location: "out" },
    settings: { secondarySources: [{ type: "S3", location: "in/more/", sourceIdentifier: "more" }] },
  });
  const { id } = opened.codeBuild.start(project, {}, {});
  const { phases, status } = await opened.codeBuild.ended(id);
  const names = phases.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus}`);
  return { opened, status, names: names.slice(phases.findIndex(({ phaseType }) => phaseType === first)) };
}

for (const [phase, operation] of [
  ["DOWNLOAD_SOURCE", "ListObjectsV2"],
  ["UPLOAD_ARTIFACTS", "PutObject"],
] as const) {
  test(`a build that is stopped in ${phase} ends there`, async (t) => {
    const call = (stop: () => void) => async (_service: string, called: string) => {
      if (called === operation) stop();
      return {} as never;
    };
    const { names, status } = await phasesFrom(t, phase, (stop) => ({ call: call(stop) }));
    assert.equal(status, "STOPPED");
    assert.deepEqual(names, [`${phase} STOPPED`, "FINALIZING SUCCEEDED", "COMPLETED undefined"]);
  });
}

test("a build that is stopped in PROVISIONING ends there, with what it asked for", async (t) => {
  const { names, status, opened } = await phasesFrom(t, "PROVISIONING", (stop) => ({
    openEnvironment({ signal }) {
      setImmediate(stop);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  }));
  assert.equal(status, "STOPPED");
  assert.deepEqual(names, ["PROVISIONING STOPPED", "FINALIZING SUCCEEDED", "COMPLETED undefined"]);
  assert.deepEqual(opened.revoked, ["ASIATESTTESTTEST"]);
});

test("a build that is stopped while it ends is what it was", async (t) => {
  const { names, status } = await phasesFrom(t, "UPLOAD_ARTIFACTS", (stop) => ({
    call: async () => ({}) as never,
    observer: { ...observer, onPhase: (_, { phaseType }) => (phaseType === "FINALIZING" ? stop() : undefined) },
  }));
  assert.equal(status, "SUCCEEDED");
  assert.deepEqual(names, ["UPLOAD_ARTIFACTS SUCCEEDED", "FINALIZING SUCCEEDED", "COMPLETED undefined"]);
});
