// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the files are written so.
import { test } from "node:test";
import { checkReaderContract } from "../../../test/contracts/file-reader-contract.ts";
import { mutateText } from "../../../test/contracts/mutate-text.ts";
import type { FileReader } from "../extraction.ts";
import { bakeReader } from "./bake.ts";
import { composeReader } from "./compose.ts";
import { dockerfileReader } from "./dockerfile.ts";

const dockerfile = `# syntax=docker/dockerfile:1
ARG V=3 BASE="python:\${V}-slim"
FROM --platform=$BUILDPLATFORM \${BASE} AS one
RUN --mount=type=bind,from=redis:7,target=/x <<EOT
FROM no
EOT
FROM $R/node:\${V:-20} \\
# a comment
  AS two
COPY --link --from=one /a /b
ONBUILD COPY --from=nginx:1 / /
`;

const compose = `x-app: &app
  image: "app:\${TAG:-1}"
services:
  web:
    <<: *app
    profiles: [a]
  built:
    build:
      args: [A=1]
      additional_contexts: {b: "docker-image://c:1"}
      cache_from: ["type=registry,ref=d:1"]
      dockerfile_inline: |
        FROM \${A:-b:1}
        COPY --from=c:$$X / /
  other: {extends: built, image: 'e:1', pull_policy: always}
`;

const bake = `variable "A" { default = "b:1" }
target "a" {
  contexts = { x = "docker-image://\${A}", y = f("x") }
  cache-from = ["type=registry,ref=\${A}", { type = "registry", ref = "c:1" }]
  dockerfile-inline = <<-EOT
    ARG V=1
    FROM nginx:$V
    COPY --from=\${A} / /
  EOT
}
target "b" { inherits = ["a"] }
`;

const pieces = [
  ..."${}\"'`#:@/=,[]{}&*\\\n",
  "\r\n",
  "\\\n",
  "<<EOT\n",
  "FROM ",
  "ARG X=1\n",
  "COPY --from=",
  "image: ",
  "- ",
  "<<: *app\n",
  "$$",
  "{{",
  "${A:-nginx:1}",
  "docker-image://",
  "é",
  "\ud83d",
];

const readers: [FileReader, string, string][] = [
  [dockerfileReader, "Dockerfile", dockerfile],
  [composeReader, "compose.yaml", compose],
  [bakeReader, "docker-bake.hcl", bake],
];

for (const [reader, path, text] of readers) {
  test(`the contract of readers holds for 1,000 spoilt versions of a ${reader.kind}`, () => {
    checkReaderContract(reader, { path, text });
    for (const spoilt of mutateText(text, pieces, 20_251, 1000)) checkReaderContract(reader, { path, text: spoilt });
  });
}
