import { Code, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { HubKind, SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { TabKind, WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { systemClock } from "../ops/hub-clock.ts";
import { makeChannelId } from "../test-support/fake-client.ts";
import { compositeKey, dialAsWorker, trustFakeWorker } from "../test-support/fake-worker.ts";
import { refusalWithCode as refusal } from "../test-support/refusal-of.ts";
import { cleanUp, startLinks, startTestHub } from "../test-support/start-links.ts";

const connectTo = (url: string): Transport =>
  createConnectTransport({ baseUrl: url, httpVersion: "1.1", useBinaryFormat: true });

const tabId = (): string => `tab_${randomBytes(16).toString("base64url")}`;

test("the hub says what it is", async () => {
  const { url } = await startTestHub({ version: "9.9.9" });
  for (const transport of [connectTo(url), createGrpcTransport({ baseUrl: url })]) {
    expect(await createClient(SystemService, transport).getSystemInfo({})).toMatchObject({
      kind: HubKind.SOLO,
      userId: "solo",
      version: "9.9.9",
      exposed: false,
    });
  }
});

test("workspaces and tabs, and the notices that other windows get", async () => {
  const { url, client } = await startLinks();
  const calls = createClient(WorkspaceService, connectTo(url));
  const { workspace } = await calls.createWorkspace({ title: "  Löwe 🦁 " });
  const workspaceId = workspace?.workspaceId ?? "";
  expect(workspace).toMatchObject({ title: "Löwe 🦁" });
  expect(workspaceId).toMatch(/^wsp_[\w-]{22}$/);
  // The worker's own coming may be told before it.
  await client.inbox.find(({ body }) => body.case === "changed" && body.value.workspaces);

  const tabs = [tabId(), tabId(), tabId()];
  for (const id of tabs) {
    await calls.createTab({
      tabId: id,
      workspaceId,
      workerId: "worker-0001",
      kind: TabKind.TERMINAL,
    });
  }
  const notice = await client.inbox.find(
    ({ body }) => body.case === "changed" && body.value.workspaceIds.length > 0,
  );
  expect(notice.body.value).toMatchObject({ workspaceIds: [workspaceId] });
  await calls.moveTab({ tabId: tabs[2] ?? "", afterTabId: "" });
  const listed = await calls.listTabs({ workspaceId });
  expect(listed.tabs.map((tab) => tabs.indexOf(tab.tabId))).toEqual([2, 0, 1]);
  await calls.renameWorkspace({ workspaceId, title: "b" });
  await calls.deleteTab({ tabId: tabs[0] ?? "" });
  expect((await calls.deleteWorkspace({ workspaceId })).tabs).toHaveLength(2);
  expect((await calls.listWorkspaces({})).workspaces).toEqual([]);
});

test("what is not valid is refused with a reason, before anything happens", async () => {
  const { url } = await startLinks();
  const calls = createClient(WorkspaceService, connectTo(url));
  const { workspace } = await calls.createWorkspace({ title: "a" });
  const workspaceId = workspace?.workspaceId ?? "";
  for (const title of ["", "   ", "x".repeat(129), "a\nb", "a\u0007", "\u202eevil"]) {
    expect(await refusal(calls.createWorkspace({ title })), JSON.stringify(title)).toEqual([
      Code.InvalidArgument,
      "invalid_request",
    ]);
  }
  await calls.createWorkspace({ title: "🦁".repeat(128) });
  const tab = { tabId: tabId(), workspaceId, workerId: "worker-0001", kind: TabKind.TERMINAL };
  const invalid = [Code.InvalidArgument, "invalid_request"];
  const notFound = [Code.NotFound, "not_found"];
  expect(await refusal(calls.createTab({ ...tab, tabId: "tab_short" }))).toEqual(invalid);
  expect(await refusal(calls.createTab({ ...tab, kind: 99 as TabKind }))).toEqual(invalid);
  expect(await refusal(calls.createTab({ ...tab, workerId: "../../x" }))).toEqual(invalid);
  expect(await refusal(calls.createTab({ ...tab, workerId: "worker-0002" }))).toEqual(notFound);
  expect(await refusal(calls.createTab({ ...tab, afterTabId: tabId() }))).toEqual(notFound);
  expect(await refusal(calls.listTabs({ workspaceId: `wsp_${makeChannelId()}` }))).toEqual(
    notFound,
  );
  expect(await refusal(calls.listTabs({ workspaceId: "' or 1=1" }))).toEqual(invalid);
  await calls.createTab(tab);
  expect(await refusal(calls.createTab(tab))).toEqual([Code.AlreadyExists, "already_exists"]);
  expect(await refusal(calls.moveTab({ tabId: tab.tabId, afterTabId: tab.tabId }))).toEqual(
    invalid,
  );
});

test("channels are opened against the tables, each refusal with its reason", async () => {
  const { url, client, worker } = await startLinks({
    // Refilled so slowly that no time which the test takes matters.
    limits: { openingBurst: 2, openingsPerMinute: 0.001 },
  });
  const calls = createClient(ChannelService, connectTo(url));
  expect(await calls.getWorkerHandshakeParams({ workerId: "worker-0001" })).toMatchObject({
    compositePublicKey: compositeKey,
    encryptionMode: EncryptionMode.CLASSIC,
    maxMessageBytes: 16 * 1024 * 1024,
  });
  expect(await refusal(calls.getWorkerHandshakeParams({ workerId: "worker-0002" }))).toEqual([
    Code.NotFound,
    "not_found",
  ]);
  const channelId = await client.open();
  const request = {
    workerId: "worker-0001",
    channelId: makeChannelId(),
    linkId: client.linkId,
    encryptionMode: EncryptionMode.CLASSIC,
    message1: new Uint8Array(48),
  };
  const ask = (change: object) => refusal(calls.openChannel({ ...request, ...change }));
  expect(await ask({ channelId })).toEqual([Code.AlreadyExists, "channel_exists"]);
  expect(await ask({ channelId: "short" })).toEqual([Code.InvalidArgument, "invalid_request"]);
  expect(await ask({ linkId: "x" })).toEqual([Code.FailedPrecondition, "link_lost"]);
  expect(await ask({ workerId: "worker-0002" })).toEqual([Code.Unavailable, "worker_offline"]);
  expect(await ask({ encryptionMode: 0 })).toEqual([Code.InvalidArgument, "invalid_request"]);
  expect(await ask({ message1: new Uint8Array(49) })).toEqual([Code.Aborted, "handshake_failed"]);
  expect(await ask({ encryptionMode: 2, message1: new Uint8Array(1616) })).toEqual([
    Code.FailedPrecondition,
    "mode_refused",
  ]);
  await client.open();
  expect(await ask({})).toEqual([Code.ResourceExhausted, "rate_limited"]);
  expect(worker.orders).toHaveLength(2);

  await client.close(channelId);
  const closed = await client.frames.next();
  expect([closed.channelId, Buffer.from(closed.ciphertext).toString()]).toEqual([
    channelId,
    "closed",
  ]);
  await client.close(channelId);
});

test("workers: listed with their state, offline ones have no handshake", async () => {
  const { url, worker, client } = await startLinks();
  const calls = createClient(WorkerService, connectTo(url));
  const before = await calls.listWorkers({});
  expect(before.workers).toMatchObject([{ workerId: "worker-0001", online: true, bundled: true }]);
  worker.hangUp();
  // Notices say where to look again; the one of its coming may still be under way.
  let { workers } = before;
  while (workers[0]?.online === true) {
    await client.inbox.find(({ body }) => body.case === "changed" && body.value.workers);
    ({ workers } = await calls.listWorkers({}));
  }
  expect(workers).toMatchObject([{ online: false }]);
  expect(Number(workers[0]?.lastSeenAtMs)).toBeGreaterThan(0);
  const channels = createClient(ChannelService, connectTo(url));
  expect(await refusal(channels.getWorkerHandshakeParams({ workerId: "worker-0001" }))).toEqual([
    Code.Unavailable,
    "worker_offline",
  ]);
});

test("a worker's link needs its own id and token, and a version that both speak", async () => {
  const { hub, url } = await startTestHub();
  await trustFakeWorker(hub);
  const transport = createGrpcTransport({ baseUrl: url });
  const dial = async (options: object) => {
    const { ended } = await dialAsWorker(transport, options);
    return refusal(ended.then((error) => (error === null ? null : Promise.reject(error))));
  };
  const refused = [Code.Unauthenticated, "worker_token_refused"];
  expect(await dial({ token: "lmw_test-token-of-another-worker" })).toEqual(refused);
  expect(await dial({ token: "" })).toEqual(refused);
  expect(await dial({ workerId: "worker-0002" })).toEqual(refused);
  expect(await dial({ workerId: "x" })).toEqual(refused);
  expect(await dial({ versions: [2, 3] })).toEqual([
    Code.FailedPrecondition,
    "version_unsupported",
  ]);
  expect(await dial({ maxMessageBytes: 1_000 })).toEqual([
    Code.InvalidArgument,
    "protocol_violation",
  ]);
  expect(hub.address.url).toBe(url);
});

test("the smaller message size of hub and worker holds", async () => {
  const { hub, url } = await startTestHub({ limits: { maxMessageBytes: 100_000 } });
  await trustFakeWorker(hub);
  for (const [offered, agreed] of [
    [70_000, 70_000],
    [1_000_000, 100_000],
  ]) {
    const worker = await dialAsWorker(createGrpcTransport({ baseUrl: url }), {
      maxMessageBytes: offered ?? 0,
    });
    cleanUp(() => worker.hangUp());
    const welcome = await worker.inbox.next();
    expect(welcome.body.value).toMatchObject({ protocolVersion: 1, maxMessageBytes: agreed });
  }
});

test("registration: a key admits one worker, whose token then opens its link", async () => {
  const manual = makeManualClock();
  const { hub, url, log } = await startTestHub({
    clock: { ...systemClock, wallMs: () => 1_000_000 + manual.now() },
  });
  const calls = createClient(WorkerRegistrationService, createGrpcTransport({ baseUrl: url }));
  const worker = {
    workerId: "worker-0007",
    compositePublicKey: compositeKey,
    encryptionMode: EncryptionMode.CLASSIC,
    name: "box",
  };
  const register = (key: string | null, change: object = {}) =>
    calls.register(
      { ...worker, ...change },
      key === null ? {} : { headers: { authorization: `Bearer ${key}` } },
    );
  const { key, expiresAtMs } = await hub.mintRegistrationKey();
  expect(expiresAtMs).toBe(1_000_000 + 5 * 60_000);

  expect(await refusal(register(null))).toEqual([Code.Unauthenticated, "registration_key_missing"]);
  expect(await refusal(register(`${key}x`))).toEqual([
    Code.Unauthenticated,
    "registration_key_unknown",
  ]);
  const invalid = [Code.InvalidArgument, "invalid_request"];
  expect(await refusal(register(key, { compositePublicKey: new Uint8Array(3) }))).toEqual(invalid);
  expect(await refusal(register(key, { name: "" }))).toEqual(invalid);

  const { workerToken } = await register(key);
  expect(await refusal(register(key, { workerId: "worker-0009" }))).toEqual([
    Code.FailedPrecondition,
    "registration_key_used",
  ]);
  const second = await hub.mintRegistrationKey();
  const otherKey = { compositePublicKey: new Uint8Array(compositeKey.length).fill(9) };
  expect(await refusal(register(second.key, otherKey))).toEqual([
    Code.AlreadyExists,
    "already_exists",
  ]);
  manual.advance(5 * 60_000);
  expect(await refusal(register(second.key, { workerId: "worker-0008" }))).toEqual([
    Code.FailedPrecondition,
    "registration_key_expired",
  ]);

  const link = await dialAsWorker(createGrpcTransport({ baseUrl: url }), {
    workerId: "worker-0007",
    token: workerToken,
  });
  cleanUp(() => link.hangUp());
  expect((await link.inbox.next()).body.case).toBe("welcome");
  for (const secret of [key, second.key, workerToken]) expect(log.join("")).not.toContain(secret);
});

test("strangers who try registration keys do not write the log", async () => {
  const { url, log } = await startTestHub();
  const calls = createClient(WorkerRegistrationService, createGrpcTransport({ baseUrl: url }));
  const request = {
    workerId: "worker-0007",
    compositePublicKey: compositeKey,
    encryptionMode: EncryptionMode.CLASSIC,
    name: "box",
  };
  const headers = { authorization: `Bearer lmk_${"A".repeat(43)}` };
  for (let time = 0; time < 30; time += 1) {
    expect(await refusal(calls.register(request, { headers }))).toEqual([
      Code.Unauthenticated,
      "registration_key_unknown",
    ]);
  }
  const lines = log.filter((line) => line.includes("registration refused"));
  expect(lines).toHaveLength(10);
});
