import assert from "node:assert/strict";
import { test } from "node:test";
import { findRegistryHint, markVariables } from "./registry-hint.ts";

test("the registry of a name is known as far as its open parts leave no doubt", () => {
  for (const [written, registry] of [
    ["docker.io/acme/$NAME:1", "docker.io"],
    [`index.docker.io/acme/\${NAME}`, "docker.io"],
    ["acme/{{ .Values.name }}", "docker.io"],
    [`python:\${{ matrix.python }}`, "docker.io"],
    ["ghcr.io/$OWNER/app", "ghcr.io"],
    ["$(ACCOUNT).dkr.ecr.$REGION.amazonaws.com/app", "*.dkr.ecr.*.amazonaws.com"],
    [`localhost:\${PORT}/app:1`, "localhost:*"],
    ["$NAME", undefined],
    ["$NAME:1", undefined],
    ["python$SUFFIX", undefined],
    [`\${REGISTRY}/acme/app`, undefined],
    ["<registry>/$NAME", undefined],
  ] as const) {
    assert.equal(findRegistryHint(markVariables(written)), registry, written);
  }
});
