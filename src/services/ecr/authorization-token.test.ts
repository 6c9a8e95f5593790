import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { secretBoxOf } from "../../store/secret-box.ts";
import { createAuthorizationTokens } from "./authorization-token.ts";

const key = randomBytes(32);
const now = () => new Date("2026-01-01T00:00:00Z");
const principal = { arn: "arn:aws:iam::111122223333:root", account: "111122223333", userId: "111122223333" };

test("a token outlives the process that issued it, under the same key alone", () => {
  const { password, expiresAt } = createAuthorizationTokens(secretBoxOf(key), now).issue(principal);
  assert.equal(expiresAt.toISOString(), "2026-01-01T12:00:00.000Z");
  const restarted = createAuthorizationTokens(secretBoxOf(key), now);
  assert.deepEqual(restarted.open(password), { principal, expiresAt: expiresAt.getTime() });
  assert.equal(createAuthorizationTokens(secretBoxOf(randomBytes(32)), now).open(password), undefined);
});

test("neither a link nor another sealed value is a password", () => {
  const box = secretBoxOf(key);
  const tokens = createAuthorizationTokens(box, now);
  const link = tokens.issueLink("/v2/app/blobs/x");
  assert.equal(tokens.open(link), undefined);
  assert.equal(tokens.isValidLink(link, "/v2/app/blobs/x"), true);
  assert.equal(tokens.isValidLink(link, "/v2/app/blobs/y"), false);
  assert.equal(tokens.isValidLink(tokens.issue(principal).password, "/v2/app/blobs/x"), false);
  assert.equal(tokens.open(box.seal("a secret of another kind")), undefined);
});

test("a link ends after an hour", () => {
  const link = createAuthorizationTokens(secretBoxOf(key), now).issueLink("/v2/app/blobs/x");
  const later = () => new Date("2026-01-01T01:00:00Z");
  assert.equal(createAuthorizationTokens(secretBoxOf(key), later).isValidLink(link, "/v2/app/blobs/x"), false);
});
