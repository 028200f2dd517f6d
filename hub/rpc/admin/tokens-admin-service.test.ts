import { createClient } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { TokenKind, TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { expect, test } from "vitest";
import { bearer, createToken, dayMs, tokensOf } from "../../test-support/api-tokens.ts";
import { connectAs, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { inviteBob } from "../../test-support/revocations.ts";
import { startTestHub } from "../../test-support/start-links.ts";

async function start() {
  const { hub, url } = await startTestHub({ kind: "hub" });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const { victim: bob } = await inviteBob(url, ann);
  const by = (accessToken: string) => connectAs(url, bearer(accessToken));
  return { url, ann, bob, by, tokens: createClient(TokensAdminService, ann.transport) };
}

const wanted = { clientName: "deploy", scopes: ["read"], lifeMs: BigInt(7 * dayMs) };
const { API, DELEGATION } = TokenKind;

test("an admin issues, lists and revokes tokens of a user, who sees by whom", async () => {
  const { bob, by, tokens } = await start();
  const { token, pair } = await tokens.issueToken({ ...wanted, username: "bob" });
  expect(token).toMatchObject({ username: "bob", userId: bob.userId });
  expect(token?.token).toMatchObject({ clientName: "deploy", scopes: ["read"], issuedBy: "ann" });
  const calls = createClient(WorkspaceService, by(pair?.accessToken ?? ""));
  expect(await refusalOf(calls.listWorkspaces({}))).toBe("answered");
  const mine = await tokensOf(bob).listTokens({});
  expect(mine.tokens).toMatchObject([{ issuedBy: "ann" }]);
  const tokenId = token?.token?.tokenId ?? "";
  expect(await refusalOf(tokens.revokeTokenOf({ kind: DELEGATION, tokenId }))).toBe("not_found");
  await tokens.revokeTokenOf({ kind: API, tokenId });
  expect(await refusalOf(calls.listWorkspaces({}))).toBe("unauthenticated");
  expect(await refusalOf(tokens.revokeTokenOf({ kind: API, tokenId }))).toBe("not_found");
});

test("who it is for is named in exactly one way, and has to be there", async () => {
  const { ann, bob, tokens } = await start();
  const issue = (change: object) => refusalOf(tokens.issueToken({ ...wanted, ...change }));
  expect(await issue({})).toBe("invalid_request");
  expect(await issue({ userId: bob.userId, username: "bob" })).toBe("invalid_request");
  expect(await issue({ username: "carol" })).toBe("not_found");
  expect(await issue({ userId: "usr_short" })).toBe("invalid_request");
  expect(await issue({ username: "bob", scopes: ["admin"] })).toBe("invalid_request");
  expect(await issue({ username: "ann", scopes: ["admin"] })).toBe("answered");
  const asBob = createClient(TokensAdminService, bob.transport);
  expect(await refusalOf(asBob.issueToken({ ...wanted, userId: ann.userId }))).toBe(
    "admin_required",
  );
  expect(await refusalOf(asBob.listTokensOf({ kind: API }))).toBe("admin_required");
});

test("pages follow each other by an opaque token, and delegation tokens are none yet", async () => {
  const { bob, tokens } = await start();
  for (let count = 0; count < 5; count += 1)
    await tokens.issueToken({ ...wanted, username: "bob" });
  await tokens.issueToken({ ...wanted, username: "ann" });
  const ids: string[] = [];
  const sizes: number[] = [];
  let pageToken = "";
  do {
    const page = await tokens.listTokensOf({ kind: API, username: "bob", pageSize: 2, pageToken });
    sizes.push(page.tokens.length);
    ids.push(...page.tokens.map(({ token }) => token?.tokenId ?? ""));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  expect(sizes).toEqual([2, 2, 1]);
  expect(new Set(ids).size).toBe(5);
  expect((await tokens.listTokensOf({ kind: API })).tokens).toHaveLength(6);
  expect((await tokens.listTokensOf({ kind: DELEGATION })).tokens).toEqual([]);
  for (const bad of ["x", "!!", Buffer.from("1 tok_x").toString("base64url"), "A".repeat(200)]) {
    expect(await refusalOf(tokens.listTokensOf({ kind: API, pageToken: bad }))).toBe(
      "invalid_request",
    );
  }
  expect(await refusalOf(tokens.listTokensOf({}))).toBe("invalid_request");
  expect((await tokens.listTokensOf({ kind: API, userId: bob.userId })).tokens).toHaveLength(5);
});

test("a token issues nothing beyond itself, and what it issued ends with it", async () => {
  const { ann, by, tokens, bob } = await start();
  const parent = await createToken(ann, ["read", "admin"], dayMs);
  const calls = createClient(TokensAdminService, by(parent.accessToken));
  const raise = calls.issueToken({ ...wanted, username: "ann", scopes: ["read", "terminal"] });
  expect(await refusalOf(raise)).toBe("scope_required");
  const child = await calls.issueToken({ ...wanted, username: "bob" });
  const endsAtMs = Number(child.token?.token?.endsAtMs);
  const [own] = (await tokensOf(ann).listTokens({})).tokens;
  expect(endsAtMs).toBeLessThanOrEqual(Number(own?.endsAtMs));
  const byChild = createClient(WorkspaceService, by(child.pair?.accessToken ?? ""));
  expect(await refusalOf(byChild.listWorkspaces({}))).toBe("answered");
  await tokensOf(ann).revokeToken({ tokenId: parent.tokenId });
  expect(await refusalOf(byChild.listWorkspaces({}))).toBe("unauthenticated");
  expect((await tokens.listTokensOf({ kind: API, userId: bob.userId })).tokens).toEqual([]);
});

test("who is no admin any more issues nothing, by login or by token", async () => {
  const { ann, bob, by } = await start();
  const people = createClient(AdminService, ann.transport);
  await people.setRole({ userId: bob.userId, role: Role.ADMIN });
  const { accessToken } = await createToken(bob, ["read", "admin"]);
  await people.setRole({ userId: bob.userId, role: Role.USER });
  const calls = createClient(TokensAdminService, by(accessToken));
  expect(await refusalOf(calls.issueToken({ ...wanted, username: "bob" }))).toBe("admin_required");
});
