import assert from "node:assert/strict";
import { test } from "node:test";
import { readProjectInput } from "./project-input.ts";

const artifact = { type: "S3", location: "out", artifactIdentifier: "one" } as const;

const refused: { title: string; secondaryArtifacts: object[]; message: string | RegExp }[] = [
  {
    title: "type CODEPIPELINE",
    secondaryArtifacts: [{ ...artifact, type: "CODEPIPELINE" }],
    message: "Invalid input: artifactType CODEPIPELINE is not allowed for secondaryArtifacts",
  },
  {
    title: "an identifier with a hyphen",
    secondaryArtifacts: [{ ...artifact, artifactIdentifier: "a-b" }],
    message:
      "Invalid input: identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length",
  },
  {
    title: "no identifier",
    secondaryArtifacts: [{ type: "S3", location: "out" }],
    message: /^Invalid input: identifier/,
  },
  {
    title: "one identifier twice",
    secondaryArtifacts: [artifact, artifact],
    message: /the artifact identifier one is there twice/,
  },
  {
    title: "thirteen of them",
    secondaryArtifacts: Array.from({ length: 13 }, (_, index) => ({ ...artifact, artifactIdentifier: `a${index}` })),
    message: /at most 12 are allowed/,
  },
];

for (const { title, secondaryArtifacts, message } of refused) {
  test(`secondary artifacts with ${title} are refused`, () => {
    const input = { name: undefined, secondaryArtifacts } as unknown as Parameters<typeof readProjectInput>[0];
    assert.throws(() => readProjectInput(input), { name: "InvalidInputException", message });
  });
}

test("twelve secondary artifacts are kept as they are given", () => {
  const secondaryArtifacts = Array.from({ length: 12 }, (_, index) => ({
    ...artifact,
    artifactIdentifier: `a${index}`,
  }));
  assert.deepEqual(
    readProjectInput({ name: undefined, secondaryArtifacts }).settings?.secondaryArtifacts,
    secondaryArtifacts,
  );
});
