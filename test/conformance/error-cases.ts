// What is not there, what cannot be, and what must not be stored.
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/manifest.ts";
import { type ConformanceGroup, expectError, expectStatus } from "./conformance-group.ts";
import { expectReferrers } from "./referrer-cases.ts";
import type { RegistryClient } from "./registry-client.ts";

const image = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageManifest });

export function errorGroups(repository: string): ConformanceGroup[] {
  return [
    {
      name: "ping",
      cases: [{ name: "ping", run: async (registry) => expectStatus(await registry.send("GET", ""), 200) }],
    },
    emptyGroup(`${repository}/empty`),
    missingGroup(`${repository}/missing`),
    badDigestGroup(`${repository}/bad-digest`),
    invalidDigestGroup(`${repository}/invalid`),
  ];
}

function emptyGroup(repository: string): ConformanceGroup {
  return {
    name: "empty",
    cases: [
      {
        name: "tag list",
        run: async (registry) => expectStatus(await registry.send("GET", `${repository}/tags/list`), 200, 404),
      },
      {
        name: "referrers",
        run: async (registry) =>
          expectReferrers(await registry.send("GET", `${repository}/referrers/${digestOf("")}`), []),
      },
      {
        name: "referrers of a sha512 digest",
        run: async (registry) =>
          expectReferrers(await registry.send("GET", `${repository}/referrers/${digestOf("", "sha512")}`), []),
      },
    ],
  };
}

function missingGroup(repository: string): ConformanceGroup {
  const references = [
    ["by-digest", digestOf("missing")],
    ["by-sha512-digest", digestOf("missing", "sha512")],
    ["by-tag", "missing"],
  ];
  return {
    name: "missing-manifest",
    cases: references.flatMap(([name, reference]) =>
      ["GET", "HEAD", "DELETE"].map((method) => ({
        name: `${name}: ${method}`,
        async run(registry: RegistryClient) {
          const answer = await registry.send(method, `${repository}/manifests/${reference}`);
          expectStatus(answer, 404, ...(method === "DELETE" ? [400, 405] : []));
          if (method === "GET") expectError(answer, 404, "MANIFEST_UNKNOWN", "NAME_UNKNOWN");
        },
      })),
    ),
  };
}

function badDigestGroup(repository: string): ConformanceGroup {
  return {
    name: "bad-digest-image",
    cases: (["sha256", "sha512"] as const).flatMap((algorithm) => {
      const path = `${repository}/manifests/${digestOf("another manifest", algorithm)}`;
      return [
        {
          name: `put under another ${algorithm} digest`,
          async run(registry: RegistryClient) {
            const headers = { "content-type": mediaTypes.imageManifest };
            const answer = await registry.send("PUT", path, { body: Buffer.from(image), headers });
            expectError(answer, 400, "DIGEST_INVALID", "MANIFEST_INVALID");
          },
        },
        {
          name: `nothing is kept under the ${algorithm} digest`,
          run: async (registry: RegistryClient) => expectStatus(await registry.send("GET", path), 404),
        },
      ];
    }),
  };
}

function invalidDigestGroup(repository: string): ConformanceGroup {
  const digests = ["sha256:abc", `sha256:${"g".repeat(64)}`, `sha512:${"a".repeat(64)}`, `md5:${"a".repeat(32)}`];
  return {
    name: "invalid-digest-format",
    cases: digests.flatMap((digest) => [
      {
        name: `blob ${digest.slice(0, 12)}`,
        run: async (registry: RegistryClient) =>
          expectStatus(await registry.send("GET", `${repository}/blobs/${digest}`), 400, 404),
      },
      {
        name: `PUT ${digest.slice(0, 12)}`,
        async run(registry: RegistryClient) {
          const headers = { "content-type": mediaTypes.imageManifest };
          const parts = { body: Buffer.from(image), headers };
          expectStatus(await registry.send("PUT", `${repository}/manifests/${digest}`, parts), 400);
        },
      },
      {
        name: `GET ${digest.slice(0, 12)}`,
        run: async (registry: RegistryClient) =>
          expectStatus(await registry.send("GET", `${repository}/manifests/${digest}`), 400, 404),
      },
      {
        name: `referrers ${digest.slice(0, 12)}`,
        // An algorithm that the registry does not know is valid all the same.
        run: async (registry: RegistryClient) =>
          expectStatus(
            await registry.send("GET", `${repository}/referrers/${digest}`),
            400,
            ...(digest.startsWith("md5") ? [200] : []),
          ),
      },
    ]),
  };
}
