// Keeps the folder table of docs/architecture.md true: each folder imports only what is listed for it.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";

const src = join(import.meta.dirname, "..", "src");

const ground = ["oci", "store", "containers", "aws-api", "template", "buildspec"];
const services = ["cloudformation", "codebuild", "iam", "sts", "secretsmanager", "s3", "ecr", "ecs", "logs", "ssm"];
const middle = ["registry", "docker-hub"];

/** The files at the root of src/ that are free to all, and the package's name and version. A service never imports another service. */
const free = ["usage-error.ts", "node-http.ts", join("..", "package.json")].map((name) => join(src, name));

const mayImport: Record<string, string[]> = {
  oci: [],
  store: ["oci"],
  containers: ["oci"],
  "aws-api": ["oci"],
  template: ["oci"],
  buildspec: ["oci"],
  registry: ground,
  "docker-hub": ground,
  check: ["oci", "template", "buildspec", "configuration"],
  configuration: ["template"],
  gateway: [...ground, ...middle, "configuration"],
  ...Object.fromEntries(services.map((service) => [`services/${service}`, [...ground, ...middle]])),
  server: [...ground, ...middle, "configuration", "gateway", ...services.map((service) => `services/${service}`)],
  cli: [
    ...ground,
    ...middle,
    "configuration",
    "check",
    "gateway",
    "server",
    ...services.map((service) => `services/${service}`),
  ],
};

function folderOf(file: string): string {
  const parts = relative(src, file).split(sep);
  if (parts.length === 1) return "";
  return parts[0] === "services" ? `services/${parts[1]}` : (parts[0] as string);
}

for (const file of globSync(`${src}/**/*.ts`)) {
  const folder = folderOf(file);
  if (folder === "") continue;
  test(`${relative(src, file)} imports only what ${folder} may import`, () => {
    const allowed = mayImport[folder];
    assert.ok(allowed, `${folder} is not in the table`);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const target = folderOf(join(dirname(file), specifier as string));
      // A test may take the fixtures and contract suites of test/, which are outside of src/.
      const isFixture = target === ".." && file.endsWith(".test.ts");
      const isFree = target === folder || isFixture || free.includes(join(dirname(file), specifier as string));
      assert.ok(isFree || allowed.includes(target), `${folder} -> ${target} (${specifier})`);
    }
  });
}

test("no file of src is longer than 400 lines", () => {
  const long = globSync(`${src}/**/*.ts`).filter((file) => readFileSync(file, "utf8").split("\n").length > 401);
  assert.deepEqual(long, []);
});

/** The schemas that all services are driven by, and the gateway's clients of AWS itself. */
const sdkImporters = [
  join("aws-api", "sdk-schemas.ts"),
  join("gateway", "credentials", "aws-secret-value.ts"),
  join("gateway", "credentials", "ecr-authorization.ts"),
  join("gateway", "content", "s3-objects.ts"),
];

test("only the schemas, and the gateway for credentials and shared content, import the AWS SDK at run time", () => {
  const importers = globSync(`${src}/**/*.ts`).filter((file) => {
    if (file.endsWith(".test.ts") || sdkImporters.some((name) => file.endsWith(name))) return false;
    return /import (?!type)[^;]*from "@aws-sdk\/client|import\("@aws-sdk\/client/.test(readFileSync(file, "utf8"));
  });
  assert.deepEqual(importers, []);
});
