/**
 * An opening that a revocation catches in the middle: the worker was asked and has not answered. Whatever
 * ends the login, however late the answer comes, nothing opens and both sides are told.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { OpenChannelOrder } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { expect, test } from "vitest";
import { systemClock } from "../ops/hub-clock.ts";
import { makeLogins } from "../store/logins.ts";
import { openStore } from "../store/open-store.ts";
import { dialAsClient, makeChannelId } from "../test-support/fake-client.ts";
import { dialAsWorker } from "../test-support/fake-worker.ts";
import { makeInbox } from "../test-support/inbox.ts";
import { setUpFirstAdmin } from "../test-support/log-in.ts";
import { registerWorker } from "../test-support/register-worker.ts";
import { inviteBob, revocations } from "../test-support/revocations.ts";
import { cleanUp } from "../test-support/start-links.ts";
import { startHub } from "../test-support/start-hub.ts";

const workerId = "worker-0001";

/** Bob's two logins, his worker, and a link of the one whose end is the question. */
async function start() {
  let laterMs = 0;
  const clock = { ...systemClock, wallMs: () => Date.now() + laterMs };
  const limits = { heartbeatIdleMs: 100, heartbeatCheckMs: 100 };
  const { hub, url, dataDir, stop } = await startHub({ kind: "hub", clock, limits });
  cleanUp(stop);
  const admin = await setUpFirstAdmin(url, hub.setUpUrl);
  const { victim, acting } = await inviteBob(url, admin);
  const token = await registerWorker(url, workerId, await hub.mintRegistrationKey(victim.userId));
  const orders = makeInbox<OpenChannelOrder>();
  const worker = await dialAsWorker(createGrpcTransport({ baseUrl: url }), {
    workerId,
    token,
    answer(order) {
      orders.push(order);
      return null;
    },
  });
  cleanUp(() => worker.hangUp());
  await worker.inbox.find(({ body }) => body.case === "welcome");
  const client = await dialAsClient(url, victim.headers);
  cleanUp(() => client.socket.terminate());
  const answer = (channelId: string): void =>
    worker.send({
      case: "openChannelAnswer",
      value: { channelId, message2: new Uint8Array(48).fill(2) },
    });
  const passTime = (): void => void (laterMs += 8 * 24 * 60 * 60_000);
  const credentials = { workerId, token };
  return {
    ...{ url, dataDir, admin, victim, acting, passTime },
    ...{ worker, credentials, orders, client, answer },
  };
}

const refusalOf = (opening: Promise<unknown>): Promise<string | undefined> =>
  opening.then(
    () => "opened",
    (error: unknown) => ConnectError.from(error).findDetails(ErrorReasonSchema)[0]?.reason,
  );

test.each(revocations)("$name: an opening under way comes to nothing", async ({ act, reason }) => {
  const system = await start();
  const { client, worker, orders, answer } = system;
  const channelId = makeChannelId();
  const opening = refusalOf(client.open(workerId, channelId));
  await orders.next();
  await act(system);
  expect(await opening).toBe("credential_revoked");
  const told = await client.inbox.find(({ body }) => body.case === "loginEnded");
  expect(told.body.value).toMatchObject({ reason });
  expect((await client.closed).code).toBe(4001);
  if (reason === LoginEndReason.ACCOUNT_DELETED) {
    // The worker goes with the account, and is not known any more.
    await worker.ended;
    expect(
      await dialAsWorker(createGrpcTransport({ baseUrl: system.url }), system.credentials).then(
        (again) => again.ended,
      ),
    ).toMatchObject({ code: Code.Unauthenticated });
    return;
  }
  const close = await worker.inbox.find(({ body }) => body.case === "frames");
  expect(close.body.value).toMatchObject({
    frames: [{ channelId, flags: 2, ciphertext: new TextEncoder().encode("credential_revoked") }],
  });
  // The late answer is one to nothing: it is no offence, and the worker's link goes on.
  answer(channelId);
  await worker.inbox.find(({ body }) => body.case === "heartbeat");
});

test("another process revokes and the answer comes before this one has noticed: refused all the same", async () => {
  const { client, worker, orders, answer, victim, dataDir } = await start();
  const channelId = makeChannelId();
  const opening = refusalOf(client.open(workerId, channelId));
  await orders.next();
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const logins = makeLogins(store, { maxLoginsPerUser: 9 });
  await logins.endAll(victim.userId, null, "ended_by_admin", Date.now());
  answer(channelId);
  expect(await opening).toBe("credential_revoked");
  const frames = await worker.inbox.find(({ body }) => body.case === "frames");
  expect(frames.body.value).toMatchObject({ frames: [{ channelId, flags: 2 }] });
  // Then the look of each second finds the event, and the client hears why.
  const told = await client.inbox.find(({ body }) => body.case === "loginEnded");
  expect(told.body.value).toMatchObject({ reason: 3 });
});

test("a channel that is opened on the link of another login of the same user is refused", async () => {
  const { url, client, acting, orders } = await start();
  const other = await dialAsClient(url, acting.headers);
  cleanUp(() => other.socket.terminate());
  const foreign = refusalOf(other.openOn(client.linkId, workerId));
  expect(await foreign).toBe("link_lost");
  expect(orders.size).toBe(0);
});
