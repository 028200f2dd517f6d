import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { dialAsClient } from "../../test-support/fake-client.ts";
import { dialAsWorker, trustFakeWorker } from "../../test-support/fake-worker.ts";
import { connectAs, logIn, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { cleanUp, startTestHub } from "../../test-support/start-links.ts";

test("set up, log in, open a channel, log out: the channel ends and the client is told why", async () => {
  const { hub, url } = await startTestHub({ kind: "hub" });
  const stranger = createClient(SystemService, connectAs(url));
  expect(await stranger.getSystemInfo({})).toMatchObject({ setupRequired: true, userId: "" });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  expect(await stranger.getSystemInfo({})).toMatchObject({ setupRequired: false });

  await trustFakeWorker(hub);
  const worker = await dialAsWorker(createGrpcTransport({ baseUrl: url }));
  cleanUp(() => worker.hangUp());
  await worker.inbox.find(({ body }) => body.case === "welcome");
  const again = await logIn(url);
  const client = await dialAsClient(url, again.headers);
  cleanUp(() => client.socket.terminate());
  const channelId = await client.open();

  const { logins } = await createClient(AccountService, ann.transport).listLogins({});
  expect(logins).toHaveLength(2);
  await createClient(LoginService, again.transport).logOut({});
  const frame = await client.frames.next();
  expect([frame.channelId, Buffer.from(frame.ciphertext).toString()]).toEqual([
    channelId,
    "credential_revoked",
  ]);
  const told = await client.inbox.find(({ body }) => body.case === "loginEnded");
  expect(told.body.value).toMatchObject({ reason: 1 });
  expect((await client.closed).code).toBe(4001);
  await expect(createClient(AccountService, again.transport).getAccount({})).rejects.toThrow(
    /log in first/,
  );
});

test("each login has its own quota of windows", async () => {
  const { hub, url } = await startTestHub({ kind: "hub", limits: { maxClientLinksPerLogin: 1 } });
  const first = await setUpFirstAdmin(url, hub.setUpUrl);
  const second = await logIn(url);
  for (const { headers } of [first, second]) {
    const client = await dialAsClient(url, headers);
    cleanUp(() => client.socket.terminate());
  }
  const surplus = new WebSocket(`${url.replace("http", "ws")}/link`, {
    origin: url,
    headers: first.headers,
  });
  const closed = await new Promise((resolve) => {
    surplus.once("close", (code, reason) => resolve([code, reason.toString()]));
  });
  expect(closed).toEqual([1013, "this login has too many windows open: close one first"]);
});

test("without a login there is no link", async () => {
  const { hub, url } = await startTestHub({ kind: "hub" });
  await setUpFirstAdmin(url, hub.setUpUrl);
  await expect(dialAsClient(url)).rejects.toThrow(/401/);
  await expect(dialAsClient(url, { authorization: "Bearer x" })).rejects.toThrow(/401/);
});
