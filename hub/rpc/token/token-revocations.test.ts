/**
 * Everything by which an API token ends, with a channel that is open on it and with one whose opening the
 * worker has not answered yet: neither stays, and the client is told why.
 */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { TokenKind, TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { OpenChannelOrder } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { expect, test } from "vitest";
import { systemClock } from "../../ops/hub-clock.ts";
import { makeApiTokens } from "../../store/api-tokens.ts";
import { openStore } from "../../store/open-store.ts";
import {
  bearer,
  createToken,
  hourMs,
  refreshPair,
  tokensOf,
  type TestToken,
} from "../../test-support/api-tokens.ts";
import { dialAsClient, makeChannelId } from "../../test-support/fake-client.ts";
import { dialAsWorker } from "../../test-support/fake-worker.ts";
import { makeInbox } from "../../test-support/inbox.ts";
import { setUpFirstAdmin, type LoggedIn } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { registerWorker } from "../../test-support/register-worker.ts";
import { bob, inviteBob } from "../../test-support/revocations.ts";
import { cleanUp, startTestHub } from "../../test-support/start-links.ts";

const workerId = "worker-0001";

interface Scene {
  readonly url: string;
  readonly owner: LoggedIn;
  readonly admin: LoggedIn;
  readonly token: TestToken;
  pass(ms: number): void;
}

interface TokenRevocation {
  readonly name: string;
  readonly reason: LoginEndReason;
  act(scene: Scene): Promise<unknown>;
}

const people = ({ admin }: Scene) => createClient(AdminService, admin.transport);

const revocations: readonly TokenRevocation[] = [
  {
    name: "its owner revokes it",
    reason: LoginEndReason.ENDED_BY_USER,
    act: ({ owner, token }) => tokensOf(owner).revokeToken({ tokenId: token.tokenId }),
  },
  {
    name: "an admin revokes it",
    reason: LoginEndReason.ENDED_BY_ADMIN,
    act: ({ admin, token: { tokenId } }) =>
      createClient(TokensAdminService, admin.transport).revokeTokenOf({
        kind: TokenKind.API,
        tokenId,
      }),
  },
  {
    name: "an admin ends everything of its owner",
    reason: LoginEndReason.ENDED_BY_ADMIN,
    act: (scene) => people(scene).endLoginsOf({ userId: scene.owner.userId }),
  },
  {
    name: "its access token expires",
    reason: LoginEndReason.EXPIRED,
    act: ({ pass }) => Promise.resolve(pass(hourMs)),
  },
  {
    name: "a refresh token is used again",
    reason: LoginEndReason.REFRESH_REUSED,
    async act({ url, token, pass }) {
      await refreshPair(url, token.refreshToken);
      pass(61_000);
      await refusalOf(refreshPair(url, token.refreshToken));
    },
  },
  {
    name: "the password changes",
    reason: LoginEndReason.PASSWORD_CHANGED,
    act: ({ owner }) =>
      createClient(AccountService, owner.transport).changePassword({
        oldPassword: bob.password,
        newPassword: "another stapled battery",
      }),
  },
  {
    name: "an admin resets the password",
    reason: LoginEndReason.PASSWORD_RESET,
    act: (scene) => people(scene).resetPassword({ userId: scene.owner.userId }),
  },
  {
    name: "an admin sets another password",
    reason: LoginEndReason.PASSWORD_RESET,
    act: (scene) =>
      people(scene).setPassword({
        ...{ userId: scene.owner.userId, password: "a third stapled battery" },
      }),
  },
  {
    name: "its owner deletes the account",
    reason: LoginEndReason.ACCOUNT_DELETED,
    act: ({ owner }) => createClient(AccountService, owner.transport).deleteAccount(bob),
  },
  {
    name: "an admin deletes the account",
    reason: LoginEndReason.ACCOUNT_DELETED,
    act: (scene) =>
      people(scene).deleteUser({ userId: scene.owner.userId, username: bob.username }),
  },
];

const answerTo = (channelId: string) => ({
  case: "openChannelAnswer" as const,
  value: { channelId, message2: new Uint8Array(48).fill(2) },
});

/** Bob's worker, his token, and a link that stands on it. */
async function start() {
  let laterMs = 0;
  const clock = { ...systemClock, wallMs: () => Date.now() + laterMs };
  const limits = { revocationCheckMs: 100 };
  const { hub, url, dataDir } = await startTestHub({ kind: "hub", clock, limits });
  const admin = await setUpFirstAdmin(url, hub.setUpUrl);
  const { victim: owner } = await inviteBob(url, admin);
  const workerToken = await registerWorker(
    url,
    workerId,
    await hub.mintRegistrationKey(owner.userId),
  );
  const orders = makeInbox<OpenChannelOrder>();
  let answersAtOnce = true;
  const worker = await dialAsWorker(createGrpcTransport({ baseUrl: url }), {
    ...{ workerId, token: workerToken },
    answer(order) {
      orders.push(order);
      return answersAtOnce ? answerTo(order.channelId) : null;
    },
  });
  cleanUp(() => worker.hangUp());
  await worker.inbox.find(({ body }) => body.case === "welcome");
  const token = await createToken(owner, ["terminal"]);
  const client = await dialAsClient(url, bearer(token.accessToken));
  cleanUp(() => client.socket.terminate());
  const scene: Scene = { url, owner, admin, token, pass: (ms) => void (laterMs += ms) };
  return {
    ...{ scene, client, worker, orders, dataDir },
    answersLater: () => void (answersAtOnce = false),
    answer: (channelId: string) => worker.send(answerTo(channelId)),
  };
}

test.each(revocations)(
  "$name: its channel and an opening under way end",
  async ({ act, reason }) => {
    const { scene, client, orders, answersLater } = await start();
    const openId = await client.open(workerId);
    await orders.next();
    answersLater();
    const opening = refusalOf(client.open(workerId, makeChannelId()));
    await orders.next();
    await act(scene);
    expect(await opening).toBe("credential_revoked");
    const closed = await client.frames.next();
    expect([closed.channelId, Buffer.from(closed.ciphertext).toString()]).toEqual([
      openId,
      "credential_revoked",
    ]);
    const told = await client.inbox.find(({ body }) => body.case === "loginEnded");
    expect(told.body.value).toMatchObject({ reason });
    expect((await client.closed).code).toBe(4001);
    await expect(dialAsClient(scene.url, bearer(scene.token.accessToken))).rejects.toThrow(/401/);
  },
);

test("a rotation begins the time of what is open anew", async () => {
  const { scene, client } = await start();
  const openId = await client.open(workerId);
  scene.pass(hourMs - 60_000);
  const next = await refreshPair(scene.url, scene.token.refreshToken);
  scene.pass(hourMs - 60_000);
  // The link of before stands on the same token, which opens more on it.
  const later = await dialAsClient(scene.url, bearer(next.accessToken));
  cleanUp(() => later.socket.terminate());
  await later.openOn(client.linkId, workerId);
  await refreshPair(scene.url, next.refreshToken);
  scene.pass(hourMs);
  const told = await client.inbox.find(({ body }) => body.case === "loginEnded");
  expect(told.body.value).toMatchObject({ reason: LoginEndReason.EXPIRED });
  expect((await client.frames.next()).channelId).toBe(openId);
});

test("a token that expired comes back by a rotation", async () => {
  const { scene, client } = await start();
  scene.pass(hourMs);
  await client.closed;
  const next = await refreshPair(scene.url, scene.token.refreshToken);
  const again = await dialAsClient(scene.url, bearer(next.accessToken));
  cleanUp(() => again.socket.terminate());
  await again.open(workerId);
});

test("another process revokes and the answer comes before this one has noticed: refused all the same", async () => {
  const { scene, client, orders, answersLater, answer, dataDir } = await start();
  answersLater();
  const channelId = makeChannelId();
  const opening = refusalOf(client.open(workerId, channelId));
  await orders.next();
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const tokens = makeApiTokens(store, { maxTokensPerUser: 9, maxRefreshGenerations: 9 });
  const { tokenId } = scene.token;
  await tokens.revoke({ tokenId, kind: "api" }, "ended_by_admin", Date.now());
  answer(channelId);
  expect(await opening).toBe("credential_revoked");
  const told = await client.inbox.find(({ body }) => body.case === "loginEnded");
  expect(told.body.value).toMatchObject({ reason: LoginEndReason.ENDED_BY_ADMIN });
});

test("a channel that is opened on the link of another token of the same user is refused", async () => {
  const { scene, client } = await start();
  const other = await createToken(scene.owner, ["terminal"]);
  const foreign = await dialAsClient(scene.url, bearer(other.accessToken));
  cleanUp(() => foreign.socket.terminate());
  expect(await refusalOf(foreign.openOn(client.linkId, workerId))).toBe("link_lost");
});
