import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { RequestReferenceSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { WorkerLinkService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { makeAuditReader } from "../../audit/audit-reader.ts";
import { verifyStore } from "../../audit/verify-audit.ts";
import { openStore, type Store } from "../../store/open-store.ts";
import { dialAsClient, makeChannelId } from "../../test-support/fake-client.ts";
import { dialAsWorker, trustFakeWorker } from "../../test-support/fake-worker.ts";
import { acceptInvitation, connectAs, logIn, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { cleanUp, startTestHub } from "../../test-support/start-links.ts";

async function start() {
  const { hub, url, dataDir, log } = await startTestHub({ kind: "hub" });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  // What an offline command sees beside the hub.
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  return { hub, url, dataDir, log, ann, store };
}

async function entries(store: Store) {
  const rows = await store.selectFrom("audit_entries").selectAll().orderBy("sequence").execute();
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as unknown }));
}
const find = async (store: Store, action: string) =>
  (await entries(store)).filter((each) => each.action === action);

test("the life of a hub is in its log: who came in, what admins did and how it came out", async () => {
  const { hub, url, dataDir, ann, store } = await start();
  const admin = createClient(AdminService, ann.transport);
  const { token, invitation } = await admin.invite({ role: Role.USER });
  const bob = await acceptInvitation(url, token, {
    username: "bob",
    password: "bobs long password",
  });
  await admin.setRole({ userId: bob.userId, role: Role.ADMIN });
  await admin.setRole({ userId: bob.userId, role: Role.USER });
  const eve = createClient(LoginService, connectAs(url));
  expect(await refusalOf(eve.logIn({ username: "bob", password: "eves guess 1234" }))).toBe(
    "login_refused",
  );
  expect(await refusalOf(createClient(AdminService, bob.transport).listUsers({}))).toBe(
    "admin_required",
  );
  await createClient(WorkspaceService, bob.transport).createWorkspace({ title: "Secret plans" });
  const { key } = await createClient(WorkerService, bob.transport).createRegistrationKey({});
  const again = await logIn(url, bob);
  await createClient(LoginService, again.transport).logOut({});
  await hub.close();

  const all = await entries(store);
  expect(all.map(({ action, result }) => `${action} ${result}`)).toEqual([
    "audit.key_made done",
    "hub.started done",
    "hub.set_up done",
    "invitation.made begun",
    "invitation.made done",
    "account.joined done",
    "user.role_changed begun",
    "user.role_changed done",
    "user.role_changed begun",
    "user.role_changed done",
    "login.failed refused",
    "admin.refused refused",
    "workspace.made done",
    "registration_key.made done",
    "login.opened done",
    "login.ended done",
    "hub.stopped done",
  ]);
  const [, , , , invited, joined, , changed] = all;
  expect(invited).toMatchObject({
    actor_kind: "login",
    actor_id: ann.userId,
    actor_via: expect.stringMatching(/^lgn_/),
    address: "127.0.0.1",
    target_id: invitation?.invitationId,
  });
  expect(joined).toMatchObject({ actor_kind: "user", actor_id: bob.userId });
  expect(changed).toMatchObject({ target_id: bob.userId, detail: { role: Role.ADMIN } });
  expect(await find(store, "login.failed")).toMatchObject([
    { actor_kind: "stranger", actor_id: "", address: "127.0.0.1" },
  ]);
  expect(await find(store, "admin.refused")).toMatchObject([{ actor_id: bob.userId }]);

  const verdict = await verifyStore(makeAuditReader(store), { signEveryEntries: 64 }, 0);
  expect(verdict).toMatchObject({ ok: true, entries: all.length, signedSequence: all.length });
  const text = JSON.stringify(all);
  for (const secret of ["Secret plans", "eves guess", bob.password, ann.password, token, key]) {
    expect(text).not.toContain(secret);
  }
  expect(readFileSync(join(dataDir, "audit.key"), "utf8")).toContain("PRIVATE KEY");
});

test("channels are opened, closed and refused by name, and so are links of workers", async () => {
  const { hub, url, ann, store } = await start();
  await trustFakeWorker(hub);
  const worker = await dialAsWorker(createGrpcTransport({ baseUrl: url }));
  cleanUp(() => worker.hangUp());
  await worker.inbox.find(({ body }) => body.case === "welcome");
  const client = await dialAsClient(url, ann.headers);
  cleanUp(() => client.socket.terminate());
  const channelId = await client.open();
  await expect(client.open("worker-0002", makeChannelId())).rejects.toThrow(/offline/);
  await client.close(channelId);

  // Refused by gRPC and, behind the upgrade, by WebSocket.
  const stranger = createClient(WorkerLinkService, createGrpcTransport({ baseUrl: url }));
  const link = stranger.link((async function* () {})(), {
    headers: {
      authorization: `Bearer lmw_${"x".repeat(43)}`,
      "x-leapmux-worker-id": "worker-0001",
    },
  });
  await expect(link[Symbol.asyncIterator]().next()).rejects.toThrow(/does not know this worker/);
  const socket = new WebSocket(`${url.replace("http", "ws")}/worker-link`, {
    headers: { "x-leapmux-worker-id": "worker-0001" },
  });
  await new Promise((resolve) => socket.once("close", resolve));

  await expect.poll(() => find(store, "worker.link_refused")).toHaveLength(2);
  expect(await find(store, "worker.link_refused")).toMatchObject([
    { actor_kind: "stranger", address: "127.0.0.1", detail: { reason: "worker_token_refused" } },
    {},
  ]);
  const channel = { actor_id: ann.userId, target_id: channelId, detail: { worker: "worker-0001" } };
  expect(await find(store, "channel.opened")).toMatchObject([channel]);
  expect(await find(store, "channel.closed")).toMatchObject([
    { ...channel, detail: { worker: "worker-0001", reason: "closed" } },
  ]);
  expect(await find(store, "channel.refused")).toMatchObject([
    { detail: { worker: "worker-0002", reason: "worker_offline" } },
  ]);
});

test("an administrative act does not happen where it cannot be written down", async () => {
  const { ann, store } = await start();
  const admin = createClient(AdminService, ann.transport);
  await store.schema.alterTable("audit_entries").renameTo("gone").execute();
  await expect(admin.invite({ role: Role.USER })).rejects.toThrow(/the hub failed/);
  await expect(admin.setRole({ userId: ann.userId, role: Role.USER })).rejects.toThrow(
    /the hub failed/,
  );
  // What only reads is answered all the same: nothing was done, and nobody was let in.
  expect((await admin.listInvitations({})).invitations).toEqual([]);
  expect((await admin.listUsers({})).users).toMatchObject([{ role: Role.ADMIN }]);
  await expect(
    createClient(WorkerService, ann.transport).createRegistrationKey({}),
  ).rejects.toThrow(/the hub failed/);
  await store.schema.alterTable("gone").renameTo("audit_entries").execute();
});

test("a call that answers with a stream has its outcome when the work is over", async () => {
  const { ann, log, store } = await start();
  const keys = createClient(KeyAdminService, ann.transport);
  const run = async (): Promise<void> => {
    for await (const { left } of keys.reencrypt({})) expect(left).toBe(0n);
  };
  await run();
  await store.schema.alterTable("totp").renameTo("gone").execute();
  const error = ConnectError.from(await run().catch((thrown: unknown) => thrown));
  await store.schema.alterTable("gone").renameTo("totp").execute();
  expect(error.rawMessage).toBe("the hub failed: its log says where");
  const [{ requestId = "" } = {}] = error.findDetails(RequestReferenceSchema);
  expect(requestId).not.toBe("");
  const lines = log.filter((line) => line.includes("call failed"));
  expect(lines).toHaveLength(1);
  const written = await find(store, "encryption_key.reencrypted");
  expect(written.map(({ result }) => result)).toEqual(["begun", "done", "begun", "failed"]);
});

test("what solo refuses to its admin has an outcome as well", async () => {
  const { url, dataDir } = await startTestHub();
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const admin = createClient(AdminService, connectAs(url));
  expect(await refusalOf(admin.invite({ role: Role.USER }))).toBe("not_in_solo");
  expect(await find(store, "invitation.made")).toMatchObject([
    { result: "begun" },
    { result: "refused", detail: { reason: "not_in_solo" } },
  ]);
});
