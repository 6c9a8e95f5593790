// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are written so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import { cdkAssetsReader, cdkSourceReader } from "./cdk.ts";

function read(path: string, text: string): string[] {
  assert.ok(cdkSourceReader.isFor({ path, text }), path);
  checkReaderContract(cdkSourceReader, { path, text });
  return cdkSourceReader
    .read({ path, text })
    .images.map(
      ({ kind, written, reference, edit, hasCredentials }) =>
        `${kind} ${written}${reference === undefined ? " open" : ""}${edit ? ` ${edit.holds}` : ""}${hasCredentials ? " credentials" : ""}`,
    );
}

test("the images of each language's functions are found, and each by who pulls it", () => {
  assert.deepEqual(
    read(
      "lib/stack.ts",
      `const a = codebuild.LinuxBuildImage.fromDockerRegistry(
        // Alpine
        'alpine:3', { secretsManagerCredentials: secret });
      const b = ecs.ContainerImage.fromRegistry("nginx:1");
      const c = cdk.DockerImage.fromRegistry(\`node:20\`);
      const d = LinuxBuildImage.fromDockerRegistry(\`node:\${version}-alpine\`);`,
    ),
    [
      "runner alpine:3 reference credentials",
      "runner node:${version}-alpine open repository",
      "deployment nginx:1 reference",
      "tool node:20 reference",
    ],
  );
  assert.deepEqual(
    read(
      "stack.py",
      `# ecs.ContainerImage.from_registry("old:1")
image=ecs.ContainerImage.from_registry('amazon/amazon-ecs-sample'),
x=ecs.ContainerImage.from_registry(f"{account}.dkr.ecr.us-east-1.amazonaws.com/a:1")`,
    ),
    ["deployment amazon/amazon-ecs-sample reference", "deployment {account}.dkr.ecr.us-east-1.amazonaws.com/a:1 open"],
  );
  assert.deepEqual(read("Stack.java", 'x.buildImage(LinuxBuildImage.fromDockerRegistry("gradle:8")).build()'), [
    "runner gradle:8 reference",
  ]);
  assert.deepEqual(read("stack.go", 'awsecs.ContainerImage_FromRegistry(jsii.String("nginx:1"), nil)'), [
    "deployment nginx:1 reference",
  ]);
});

test("a constant that the file sets once is followed, and what is put together is not guessed", () => {
  assert.deepEqual(
    read(
      "stack.ts",
      `const IMAGE: string = "nginx:1";
      let other = "a"; other = "b";
      ContainerImage.fromRegistry(IMAGE); ContainerImage.fromRegistry(other); ContainerImage.fromRegistry("a" + tag);
      ContainerImage.fromRegistry(props.image);`,
    ),
    ["deployment nginx:1 reference"],
  );
});

test("comments are no code, and a sign of one in a string is none", () => {
  assert.deepEqual(
    read(
      "stack.ts",
      `/* ContainerImage.fromRegistry("a:1") */ const u = "http://x"; ContainerImage.fromRegistry("b:1"); // ContainerImage.fromRegistry("c:1")`,
    ),
    ["deployment b:1 reference"],
  );
});

test("an asset manifest says what will be built", () => {
  const text = JSON.stringify({
    version: "36.0.0",
    dockerImages: {
      abc: { source: { directory: "asset.abc", dockerFile: "Dockerfile.web", dockerBuildArgs: { V: "1" } } },
      def: { source: { executable: ["build.sh"] } },
    },
  });
  const file = { path: "cdk.out/Stack.assets.json", text };
  assert.ok(cdkAssetsReader.isFor(file));
  checkReaderContract(cdkAssetsReader, file);
  const { jobs } = cdkAssetsReader.read(file);
  assert.equal(jobs.length, 1);
  const [step] = jobs[0]?.steps ?? [];
  assert.ok(step?.kind === "build");
  assert.deepEqual(
    [step.context, step.dockerfile, step.buildArguments],
    ["asset.abc", "asset.abc/Dockerfile.web", { V: "1" }],
  );
});
