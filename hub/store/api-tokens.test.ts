import { afterEach, beforeEach, expect, test } from "vitest";
import { makeApiToken } from "../test-support/make-api-token.ts";
import { makeUser } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeApiTokens, type ApiTokens, type NewApiToken, type TokenBasis } from "./api-tokens.ts";
import type { Store } from "./open-store.ts";
import { makeRevocationEvents } from "./revocation-events.ts";
import { makeUsers } from "./users.ts";

let store: Store;
let close: () => Promise<void>;
let tokens: ApiTokens;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  const users = makeUsers(store, { maxUsers: 9 });
  await users.create(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob"));
  tokens = makeApiTokens(store, { maxTokensPerUser: 3, maxRefreshGenerations: 2 });
});
afterEach(() => close());

const basis: TokenBasis = { epoch: 0, needsAdmin: false, issuer: null };
const events = async () =>
  (await makeRevocationEvents(store).after(0)).map(({ kind, subject, reason }) =>
    [kind, subject, reason].join(" "),
  );
const rotate = (used: number, nowMs: number) =>
  tokens.rotate({
    ...{ tokenId: "tok_1", refreshHash: `tok_1 ${used}`, nextRefreshHash: `tok_1 ${nowMs}` },
    ...{ nextAccessHash: `access at ${nowMs}`, nowMs, graceMs: 60, accessMs: 100, refreshMs: 500 },
  });

test("a token is made only for an account that is as it was when it was asked", async () => {
  const create = (change: Partial<NewApiToken>, other: Partial<TokenBasis> = {}) =>
    tokens.create(makeApiToken("tok_1", change), { ...basis, ...other });
  expect(await create({}, { epoch: 1 })).toBe("owner_changed");
  expect(await create({ user_id: "usr_bob" }, { needsAdmin: true })).toBe("owner_changed");
  expect(await create({ user_id: "usr_nobody" })).toBe("owner_changed");
  expect(await create({}, { issuer: "usr_bob" })).toBe("admin_required");
  expect(await create({ parent_token_id: "tok_gone" })).toBe("credential_revoked");
  expect(await create({}, { needsAdmin: true })).toBe("created");
  await tokens.create(makeApiToken("tok_2"), basis);
  await tokens.create(makeApiToken("tok_3"), basis);
  expect(await tokens.create(makeApiToken("tok_4"), basis)).toBe("limit_reached");
  // What has ended takes no room.
  const later = makeApiToken("tok_4", { created_at_ms: 900, expires_at_ms: 950 });
  expect(await tokens.create(later, basis)).toBe("created");
});

test("a chain of refresh tokens: each once, again within its grace, and later it ends the family", async () => {
  await tokens.create(makeApiToken("tok_1"), basis);
  expect(await rotate(2, 10)).toEqual({ ok: false, reason: "unknown" });
  expect(await rotate(1, 10)).toEqual({
    ...{ ok: true, accessExpiresAtMs: 110, refreshExpiresAtMs: 510 },
  });
  expect(await rotate(1, 70)).toMatchObject({ ok: true });
  expect((await tokens.find("tok_1"))?.access_hash).toBe("access at 70");
  // What was given for the first use was used up by the second.
  expect(await rotate(10, 131)).toEqual({ ok: false, reason: "reused" });
  expect(await tokens.find("tok_1")).toBeUndefined();
  expect(await rotate(70, 132)).toEqual({ ok: false, reason: "unknown" });
  expect(await events()).toEqual(["token tok_1 refresh_reused"]);
});

test("of two who rotate at once both are served, and nothing goes beyond what was asked for", async () => {
  await tokens.create(makeApiToken("tok_1"), basis);
  const both = await Promise.all([rotate(1, 20), rotate(1, 21)]);
  expect(both.map(({ ok }) => ok)).toEqual([true, true]);
  expect(await rotate(21, 600)).toEqual({ ok: false, reason: "expired" });
  await tokens.create(makeApiToken("tok_9", { ends_at_ms: 1_000, expires_at_ms: 1_000 }), basis);
  const late = await tokens.rotate({
    ...{ tokenId: "tok_9", refreshHash: "tok_9 1", nextRefreshHash: "next", nextAccessHash: "a" },
    ...{ nowMs: 950, graceMs: 60, accessMs: 100, refreshMs: 500 },
  });
  expect(late).toEqual({ ok: true, accessExpiresAtMs: 1_000, refreshExpiresAtMs: 1_000 });
});

test("former refresh tokens are remembered up to a bound", async () => {
  await tokens.create(makeApiToken("tok_1", { expires_at_ms: 9_000, ends_at_ms: 9_000 }), basis);
  for (const [used, nowMs] of [
    [1, 10],
    [10, 20],
    [20, 30],
  ] as const)
    await rotate(used, nowMs);
  expect(await tokens.hasRefresh("tok_1", "tok_1 1")).toBe(false);
  expect(await tokens.hasRefresh("tok_1", "tok_1 20")).toBe(true);
  expect(await tokens.hasRefresh("tok_2", "tok_1 20")).toBe(false);
});

test("the end of an access token is told once, and a rotation arms it anew", async () => {
  await tokens.create(makeApiToken("tok_1"), basis);
  await tokens.expire(99);
  expect(await events()).toEqual([]);
  await tokens.expire(100);
  await tokens.expire(101);
  expect(await events()).toEqual(["token tok_1 expired"]);
  expect(await tokens.findLive("tok_1", 101)).toBeUndefined();
  await rotate(1, 200);
  expect(await tokens.findLive("tok_1", 201)).toMatchObject({ token_id: "tok_1", role: "admin" });
  await tokens.expire(300);
  expect(await events()).toHaveLength(2);
  await tokens.expire(700);
  expect(await tokens.find("tok_1")).toBeUndefined();
  expect(await events()).toHaveLength(3);
});

test("what a token issued ends with it, however deep, and nothing beside it", async () => {
  await tokens.create(makeApiToken("tok_1"), basis);
  const child = { user_id: "usr_bob", parent_token_id: "tok_1" };
  await tokens.create(makeApiToken("tok_2", child), basis);
  await tokens.create(makeApiToken("tok_3", { ...child, parent_token_id: "tok_2" }), basis);
  await tokens.create(makeApiToken("tok_4", { user_id: "usr_bob" }), basis);
  expect(await tokens.revoke({ tokenId: "tok_1", userId: "usr_bob" }, "ended_by_user", 1)).toBe(
    false,
  );
  expect(await tokens.revoke({ tokenId: "tok_1", kind: "delegation" }, "ended_by_user", 1)).toBe(
    false,
  );
  expect(await tokens.revoke({ tokenId: "tok_1" }, "ended_by_user", 1)).toBe(true);
  expect(await events()).toEqual(
    ["tok_1", "tok_2", "tok_3"].map((id) => `token ${id} ended_by_user`),
  );
  expect((await tokens.list("usr_bob", 1)).map((row) => row.token_id)).toEqual(["tok_4"]);
});

test("uses are written together, and bring nothing back", async () => {
  await tokens.create(makeApiToken("tok_1"), basis);
  await tokens.storeUses(
    new Map([
      ["tok_1", 7],
      ["tok_gone", 8],
    ]),
  );
  expect((await tokens.find("tok_1"))?.last_used_at_ms).toBe(7);
  expect(await tokens.find("tok_gone")).toBeUndefined();
});
