/** A device that was granted some workspaces sees and does what its role says, and nothing else exists for it. */
import { Code } from "@connectrpc/connect";
import { makeWorkspaceScope } from "@leapmux/shared/devices/scope.ts";
import type { AttachTerminalRequestSchema } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { WorkerEvidenceService } from "@leapmux/proto/sealed/v1/worker_evidence_pb.ts";
import { expect, test } from "vitest";
import { makeAsyncQueue } from "../harness/async-queue.ts";
import { makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startPairedSystem } from "../harness/start-paired-system.ts";
import type { TestChannel } from "../harness/test-client.ts";
import { within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const system = await startPairedSystem(cleanup);
const { client, device } = system;
const owner = await client.channel({ claim: device.claim });
const size = { cols: 80, rows: 24 };
await owner.terminals.openTerminal({ terminalId: "shared", workspaceId: "w", ...size });
await owner.terminals.openTerminal({ terminalId: "private", workspaceId: "mine", ...size });

async function openScoped(role: "view" | "drive"): Promise<TestChannel> {
  const scope = makeWorkspaceScope(["w"], role);
  if (!scope) throw new Error("no scope");
  const guest = makeClientDevice(client.userId);
  guest.grants.push(await device.grant(guest, { scope }));
  return client.channel({ claim: guest.claim });
}

async function listed(channel: TestChannel): Promise<string[]> {
  const ids: string[] = [];
  for await (const { body } of channel.terminals.watchTerminals({})) {
    if (body.case === "complete") break;
    if (body.case === "terminal") ids.push(body.value.terminalId);
  }
  return ids;
}

type AttachInit = MessageInitShape<typeof AttachTerminalRequestSchema>;

function attach(channel: TestChannel, terminalId: string, viewId: string, cols = 80) {
  const requests = makeAsyncQueue<AttachInit>();
  const begin = { terminalId, viewId, cols, rows: 24, inputSent: 0n };
  requests.push({ body: { case: "begin", value: begin } });
  const events = channel.terminals.attachTerminal(requests)[Symbol.asyncIterator]();
  return { requests, events };
}

const refused = { code: Code.PermissionDenied };
const absent = { code: Code.NotFound };

test("view: sees and attaches, and changes nothing", async () => {
  const guest = await openScoped("view");
  expect(await listed(guest)).toEqual(["shared"]);
  expect((await guest.terminals.getTerminal({ terminalId: "shared" })).terminal?.cols).toBe(80);
  const change = { terminalId: "shared" };
  for (const call of [
    guest.terminals.getTerminal({ terminalId: "private" }),
    attach(guest, "private", "v").events.next(),
  ]) {
    await expect(call).rejects.toMatchObject(absent);
  }
  for (const call of [
    guest.terminals.openTerminal({ terminalId: "new", workspaceId: "w", ...size }),
    guest.terminals.renameTerminal({ ...change, title: "x" }),
    guest.terminals.restartTerminal(change),
    guest.terminals.closeTerminal(change),
    guest.terminals.listShells({}),
    guest.info.getWorkerInfo({}),
    guest.devices.listDevices({}),
    guest.devices.deliverRevocations({}),
    createClient(WorkerEvidenceService, guest.transport).listEvidence({}),
  ]) {
    await expect(call).rejects.toMatchObject(refused);
  }

  // Under the very name of the owner's view: neither takes its place nor its size.
  const own = attach(owner, "shared", "view-1");
  expect((await own.events.next()).value?.body.case).toBe("attached");
  const looking = attach(guest, "shared", "view-1", 33);
  expect((await looking.events.next()).value?.body.case).toBe("attached");
  looking.requests.push({ body: { case: "resize", value: { cols: 20, rows: 10 } } });
  looking.requests.push({ body: { case: "focus", value: {} } });
  const typed = new TextEncoder().encode("echo typed-by-guest\r");
  looking.requests.push({ body: { case: "input", value: { offset: 0n, data: typed } } });
  const error = await within(
    (async () => {
      for (;;) if ((await looking.events.next()).done) return null;
    })().catch((cause: unknown) => cause),
    "the end of the view that typed",
  );
  expect(error).toMatchObject(refused);
  const { terminal } = await owner.terminals.getTerminal({ terminalId: "shared" });
  expect(terminal).toMatchObject({ cols: 80, rows: 24 });
  expect(owner.closeReason()).toBeUndefined();
  own.requests.end();
});

test("drive: does everything in the granted workspaces, and nothing beside them", async () => {
  const guest = await openScoped("drive");
  const opened = await guest.terminals.openTerminal({ terminalId: "g", workspaceId: "w", ...size });
  expect(opened.terminal?.workspaceId).toBe("w");
  expect((await listed(guest)).toSorted()).toEqual(["g", "shared"]);
  await guest.terminals.renameTerminal({ terminalId: "g", title: "named" });
  await guest.terminals.closeTerminal({ terminalId: "g" });
  const elsewhere = { terminalId: "new", workspaceId: "mine", ...size };
  await expect(guest.terminals.openTerminal(elsewhere)).rejects.toMatchObject(refused);
  // Opening what is open elsewhere would move it here.
  const taken = { terminalId: "private", workspaceId: "w", ...size };
  await expect(guest.terminals.openTerminal(taken)).rejects.toMatchObject({
    code: Code.AlreadyExists,
  });
  const like = { ...taken, terminalId: "new", likeTerminalId: "private" };
  await expect(guest.terminals.openTerminal(like)).rejects.toMatchObject(absent);
  await guest.terminals.closeTerminal({ terminalId: "private" });
  const { terminal } = await owner.terminals.getTerminal({ terminalId: "private" });
  expect(terminal?.workspaceId).toBe("mine");
  await expect(guest.info.getWorkerInfo({})).rejects.toMatchObject(refused);
});

test("a terminal that leaves the granted workspace is gone for its guests", async () => {
  const guest = await openScoped("view");
  await owner.terminals.openTerminal({ terminalId: "moving", workspaceId: "w", ...size });
  const watch = guest.terminals.watchTerminals({})[Symbol.asyncIterator]();
  let told = (await watch.next()).value?.body;
  while (told?.case !== "complete") told = (await watch.next()).value?.body;
  const looking = attach(guest, "moving", "v");
  expect((await looking.events.next()).value?.body.case).toBe("attached");
  await owner.terminals.openTerminal({ terminalId: "moving", workspaceId: "mine", ...size });
  do told = (await watch.next()).value?.body;
  while (told?.case === "terminal");
  expect(told).toEqual({ case: "closedTerminalId", value: "moving" });
  const error = await within(
    (async () => {
      for (;;) if ((await looking.events.next()).done) return null;
    })().catch((cause: unknown) => cause),
    "the end of the view",
  );
  expect(error).toMatchObject(absent);
});

test("another user's device gets the owner's workspace", async () => {
  const scope = makeWorkspaceScope(["w"], "view");
  if (!scope) throw new Error("no scope");
  // This hub knows one user alone; the announced one must be the claimed one, so the owner is another.
  const guest = makeClientDevice(client.userId);
  const stranger = await startPairedSystem(cleanup, { rootUserId: "usr_owner" });
  guest.grants.push(await stranger.device.grant(guest, { scope }));
  const channel = await stranger.client.channel({ claim: guest.claim });
  expect(await listed(channel)).toEqual([]);
  await expect(channel.devices.listDevices({})).rejects.toMatchObject(refused);
  const everything = makeClientDevice(client.userId);
  everything.grants.push(await stranger.device.grant(everything));
  expect(await stranger.client.openChannel({ claim: everything.claim })).toMatchObject({
    ok: false,
    reason: "device_not_trusted",
  });
});
