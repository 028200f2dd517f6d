/** API tokens over the network: what they may, how they come, how they are renewed, and what is refused. */
import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { expect, test } from "vitest";
import { systemClock } from "../../ops/hub-clock.ts";
import { makeApiTokens } from "../../store/api-tokens.ts";
import { openStore } from "../../store/open-store.ts";
import { makeRevocationEvents } from "../../store/revocation-events.ts";
import {
  bearer,
  createToken,
  dayMs,
  hourMs,
  refreshPair,
  tokensOf,
} from "../../test-support/api-tokens.ts";
import { dialAsClient } from "../../test-support/fake-client.ts";
import { connectAs, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { inviteBob } from "../../test-support/revocations.ts";
import { cleanUp, startTestHub } from "../../test-support/start-links.ts";

/** A hub with the admin Ann and the user Bob, whose wall clock the test moves. */
async function start(limits = {}) {
  let laterMs = 0;
  const clock = { ...systemClock, wallMs: () => Date.now() + laterMs };
  const { hub, url, dataDir, log } = await startTestHub({ kind: "hub", clock, limits });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const { victim: bob } = await inviteBob(url, ann);
  const by = (accessToken: string) => connectAs(url, bearer(accessToken));
  const pass = (ms: number): void => void (laterMs += ms);
  return { url, dataDir, log, ann, bob, by, pass };
}

const workspacesBy = (transport: ReturnType<typeof connectAs>) =>
  createClient(WorkspaceService, transport);

test("a token does what its scopes name, and nothing else", async () => {
  const { url, bob, by } = await start();
  const { accessToken } = await createToken(bob, ["read"]);
  expect(accessToken).toMatch(/^lmx_a[\w-]{22}_[\w-]{43}$/);
  const calls = workspacesBy(by(accessToken));
  expect(await calls.listWorkspaces({})).toMatchObject({ workspaces: [] });
  expect(await refusalOf(calls.createWorkspace({ title: "mine" }))).toBe("scope_required");
  const account = createClient(AccountService, by(accessToken));
  expect((await account.getAccount({})).account?.username).toBe("bob");
  expect(await refusalOf(account.listLogins({}))).toBe("scope_required");
  await expect(dialAsClient(url, bearer(accessToken))).rejects.toThrow(/403/);
  const wide = await createToken(bob, ["workspaces", "terminal"]);
  await workspacesBy(by(wide.accessToken)).createWorkspace({ title: "mine" });
  const client = await dialAsClient(url, bearer(wide.accessToken));
  cleanUp(() => client.socket.terminate());
  // Who it is that asks, it may know; what is for `read` it is not told.
  const info = await createClient(SystemService, by(wide.accessToken)).getSystemInfo({});
  expect([info.userId, info.account]).toEqual([bob.userId, undefined]);
});

test("no token makes, sees or revokes tokens of its owner, and what is given is bounded", async () => {
  const { ann, bob, by } = await start({ maxTokensPerUser: 1 });
  const { accessToken, tokenId } = await createToken(bob, ["read", "terminal", "workers"]);
  const own = tokensOf({ ...bob, transport: by(accessToken) });
  const wanted = { clientName: "more", scopes: ["read"], lifeMs: BigInt(dayMs) };
  expect(await refusalOf(own.createToken(wanted))).toBe("scope_required");
  expect(await refusalOf(own.listTokens({}))).toBe("scope_required");
  expect(await refusalOf(own.revokeToken({ tokenId }))).toBe("scope_required");

  const calls = tokensOf(bob);
  const { password } = bob;
  const create = (change: object) =>
    refusalOf(calls.createToken({ ...wanted, password, ...change }));
  expect(await create({})).toBe("limit_reached");
  expect(await create({ password: "not it, surely" })).toBe("wrong_password");
  expect(await create({ scopes: ["admin"] })).toBe("admin_required");
  for (const change of [
    { scopes: [] },
    { scopes: ["everything"] },
    { scopes: ["constructor"] },
    { lifeMs: 0n },
    { lifeMs: BigInt(366 * dayMs) },
    { clientName: "" },
    { clientName: "x".repeat(129) },
  ]) {
    expect(await create(change)).toBe("invalid_request");
  }
  const mine = await calls.listTokens({});
  expect(mine.tokens).toMatchObject([
    { tokenId, clientName: "nightly build", scopes: ["read", "terminal", "workers"], issuedBy: "" },
  ]);
  expect(mine.scopes.map(({ name }) => name)).not.toContain("admin");
  expect((await tokensOf(ann).listTokens({})).scopes.map(({ name }) => name)).toContain("admin");
  // Nobody ends what is somebody else's.
  expect(await refusalOf(tokensOf(ann).revokeToken({ tokenId }))).toBe("not_found");
});

test("the scope admin counts while the owner is an admin, asked at each call", async () => {
  const { ann, bob, by } = await start();
  const people = createClient(AdminService, ann.transport);
  await people.setRole({ userId: bob.userId, role: Role.ADMIN });
  const { accessToken } = await createToken(bob, ["admin"]);
  const plain = await createToken(bob, ["read"]);
  const acting = createClient(AdminService, by(accessToken));
  expect((await acting.listUsers({})).users).toHaveLength(2);
  // The role of the owner is not lent to a token without the scope.
  expect(await refusalOf(createClient(AdminService, by(plain.accessToken)).listUsers({}))).toBe(
    "scope_required",
  );
  await people.setRole({ userId: bob.userId, role: Role.USER });
  expect(await refusalOf(acting.listUsers({}))).toBe("admin_required");
});

test("a token counts as a bearer header alone: not as a cookie, not in an address, not beside a cookie", async () => {
  const { url, bob } = await start();
  const { accessToken } = await createToken(bob, ["read"]);
  const list = (headers: Record<string, string>, query = "") =>
    fetch(`${url}/leapmux.hub.v1.WorkspaceService/ListWorkspaces${query}`, {
      method: "POST",
      body: "{}",
      headers: {
        "content-type": "application/json",
        "connect-protocol-version": "1",
        ...headers,
      },
    }).then((answer) => answer.status);
  expect(await list(bearer(accessToken))).toBe(200);
  expect(await list({ cookie: `leapmux-login=${accessToken}` })).toBe(401);
  expect(await list({}, `?access_token=${accessToken}`)).toBe(401);
  expect(await list({ ...bearer(accessToken), ...bob.headers })).toBe(401);
  expect(await list({ ...bearer(accessToken), cookie: "leapmux-login=x" })).toBe(401);
  expect(await list({ ...bearer(accessToken), cookie: "theme=dark" })).toBe(200);
  // A refresh token is no access token.
  const { refreshToken: refresh } = await createToken(bob, ["read"]);
  expect(await list(bearer(refresh))).toBe(401);
  // A page of another site is refused whatever it brings.
  expect(await list({ ...bearer(accessToken), origin: "https://evil.example" })).toBe(403);
});

test("an access token ends after an hour, and a refresh token brings the next one, once", async () => {
  const { url, bob, by, pass } = await start();
  const first = await createToken(bob, ["read"]);
  const works = (token: string) => refusalOf(workspacesBy(by(token)).listWorkspaces({}));
  expect(await works(first.accessToken)).toBe("answered");
  pass(hourMs);
  expect(await works(first.accessToken)).toBe("unauthenticated");
  const second = await refreshPair(url, first.refreshToken);
  expect(second.tokenId).toBe(first.tokenId);
  expect([await works(second.accessToken), await works(first.accessToken)]).toEqual([
    "answered",
    "unauthenticated",
  ]);
  // The answer was lost: within a minute the same one helps again.
  pass(50_000);
  const third = await refreshPair(url, first.refreshToken);
  expect(await works(third.accessToken)).toBe("answered");
  // What the lost answer gave is used up as well, with the same grace.
  pass(30_000);
  const fourth = await refreshPair(url, second.refreshToken);
  expect(await works(fourth.accessToken)).toBe("answered");
});

test("a refresh token that comes back later ends the whole family, in one transaction with its event", async () => {
  const { url, dataDir, bob, by, pass } = await start();
  const first = await createToken(bob, ["read"]);
  const second = await refreshPair(url, first.refreshToken);
  pass(61_000);
  expect(await refusalOf(refreshPair(url, first.refreshToken))).toBe("token_refused");
  expect(await refusalOf(workspacesBy(by(second.accessToken)).listWorkspaces({}))).toBe(
    "unauthenticated",
  );
  expect(await refusalOf(refreshPair(url, second.refreshToken))).toBe("token_refused");
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const events = makeRevocationEvents(store);
  expect(await events.reasonOf("token", first.tokenId)).toBe("refresh_reused");
  expect((await tokensOf(bob).listTokens({})).tokens).toEqual([]);
});

test("neither lives longer than was asked for, nor a refresh token longer than 90 days", async () => {
  const { url, bob, pass } = await start();
  const short = await createToken(bob, ["read"], hourMs / 2);
  const long = await createToken(bob, ["read"], 365 * dayMs);
  const [inList] = (await tokensOf(bob).listTokens({})).tokens.filter(
    ({ tokenId }) => tokenId === short.tokenId,
  );
  expect(inList?.accessExpiresAtMs).toBe(inList?.endsAtMs);
  pass(hourMs / 2);
  expect(await refusalOf(refreshPair(url, short.refreshToken))).toBe("token_refused");
  pass(89 * dayMs);
  const renewed = await refreshPair(url, long.refreshToken);
  pass(90 * dayMs);
  expect(await refusalOf(refreshPair(url, renewed.refreshToken))).toBe("token_refused");
});

test("the last use is written within a minute, not with each call", async () => {
  const { dataDir, bob, by, pass } = await start({ revocationCheckMs: 20 });
  const { accessToken, tokenId } = await createToken(bob, ["read"]);
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const tokens = makeApiTokens(store, { maxTokensPerUser: 9, maxRefreshGenerations: 9 });
  const lastUsedMs = async () => (await tokens.find(tokenId))?.last_used_at_ms ?? 0;
  const use = () => workspacesBy(by(accessToken)).listWorkspaces({});
  expect(await lastUsedMs()).toBe(0);
  await use();
  await expect.poll(lastUsedMs).toBeGreaterThan(0);
  const written = await lastUsedMs();
  await use();
  await use();
  expect(await lastUsedMs()).toBe(written);
  pass(60_000);
  await expect.poll(lastUsedMs).toBeGreaterThan(written);
});

test("wrong tokens of one network have to wait, and learn how long", async () => {
  const { url, bob, by } = await start({ freeTokenFailures: 2 });
  const { accessToken, refreshToken } = await createToken(bob, ["read"]);
  const guess = `lmx_a${"A".repeat(22)}_${"A".repeat(43)}`;
  const list = (token: string) => refusalOf(workspacesBy(by(token)).listWorkspaces({}));
  // What has not the form of one is no guess and costs nothing.
  for (const nonsense of ["lmx_a", `${guess}x`, guess.replace("_a", "_q"), "lmx_"]) {
    expect(await list(nonsense)).toBe("unauthenticated");
  }
  expect(await list(accessToken)).toBe("answered");
  expect([await list(guess), await list(guess), await list(guess)]).toEqual([
    "unauthenticated",
    "unauthenticated",
    "throttled",
  ]);
  await expect(dialAsClient(url, bearer(guess))).rejects.toThrow(/429/);
  expect(await refusalOf(refreshPair(url, guess.replace("_a", "_r")))).toBe("throttled");
  // Whoever has a right one notices nothing of a neighbour who guesses, or whose token was revoked.
  expect(await list(accessToken)).toBe("answered");
  expect((await refreshPair(url, refreshToken)).accessToken).not.toBe("");
  // Logins do not notice.
  expect(await refusalOf(workspacesBy(bob.transport).listWorkspaces({}))).toBe("answered");
});

test("one token is refreshed only so often, and no secret of any is in the log", async () => {
  const { url, bob, log } = await start({ refreshesPerMinute: 2 });
  const first = await createToken(bob, ["read"]);
  const second = await refreshPair(url, first.refreshToken);
  const third = await refreshPair(url, second.refreshToken);
  expect(await refusalOf(refreshPair(url, third.refreshToken))).toBe("throttled");
  expect(log.join("")).not.toContain("lmx_");
});
