import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAuthChallenges } from "./auth-challenge.ts";

const rows: [title: string, header: string | string[] | undefined, challenges: [string, Record<string, string>][]][] = [
  ["no header", undefined, []],
  [
    "Docker Hub's",
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/httpd:pull"',
    [
      [
        "bearer",
        {
          realm: "https://auth.docker.io/token",
          service: "registry.docker.io",
          scope: "repository:library/httpd:pull",
        },
      ],
    ],
  ],
  [
    "commas within quotes",
    'Bearer scope="repository:a:pull,push", x="1"',
    [["bearer", { scope: "repository:a:pull,push", x: "1" }]],
  ],
  ["escapes within quotes", 'Basic realm="say \\"yes\\" \\\\"', [["basic", { realm: 'say "yes" \\' }]]],
  [
    "Basic of ECR",
    'Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"',
    [["basic", { realm: "https://1.dkr.ecr.eu-west-1.amazonaws.com/", service: "ecr.amazonaws.com" }]],
  ],
  [
    "several in one header",
    'Negotiate, Basic realm=x, Bearer realm="y"',
    [
      ["negotiate", {}],
      ["basic", { realm: "x" }],
      ["bearer", { realm: "y" }],
    ],
  ],
  [
    "several headers",
    ["Basic realm=x", "Bearer realm=y"],
    [
      ["basic", { realm: "x" }],
      ["bearer", { realm: "y" }],
    ],
  ],
  [
    "a token in place of parameters",
    "Negotiate YII+/w==, Basic realm=x",
    [
      ["negotiate", {}],
      ["basic", { realm: "x" }],
    ],
  ],
  [
    "a bare URL as value",
    "bearer REALM = https://a.example/token , service=s",
    [["bearer", { realm: "https://a.example/token", service: "s" }]],
  ],
  ["the first of a repeated parameter", 'Bearer realm="a",realm="b"', [["bearer", { realm: "a" }]]],
  [
    "a quote that never ends",
    'Bearer realm="a',
    [
      ["bearer", {}],
      ["realm", {}],
    ],
  ],
];

for (const [title, header, challenges] of rows) {
  test(`a challenge is read: ${title}`, () => {
    assert.deepEqual(
      parseAuthChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]),
      challenges,
    );
  });
}
