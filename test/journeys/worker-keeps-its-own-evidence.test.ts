/** What a worker writes down by itself about who came and what they started, for its owner and for no hub. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "@connectrpc/connect";
import { WorkerEvidenceService } from "@leapmux/proto/sealed/v1/worker_evidence_pb.ts";
import { openDatabase } from "@leapmux/worker/store/open-database.ts";
import { expect, test } from "vitest";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { openShell } from "../harness/open-shell.ts";
import { startPairedSystem } from "../harness/start-paired-system.ts";
import { until, within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const { client, device, worker, workerDir, directory } = await startPairedSystem(cleanup);
const evidenceOf = (...args: string[]) =>
  runLeapmux(cleanup, ["worker", "evidence", "--data-dir", workerDir, ...args]);

test("the owner reads sealed who opened, who was refused and which terminals were started", async () => {
  const opened = await client.openChannel({ claim: device.claim });
  if (!opened.ok) throw new Error("the paired device was refused");
  const { channel } = opened;
  const { terminalId } = await openShell(channel);
  await channel.terminals.closeTerminal({ terminalId });
  const stranger = makeClientDevice(client.userId);
  expect(await client.openChannel({ claim: stranger.claim })).toMatchObject({ ok: false });

  const calls = createClient(WorkerEvidenceService, channel.transport);
  const mine = { userId: client.userId, deviceId: device.deviceId };
  const evidence = await until(async () => {
    const { evidence: found } = await calls.listEvidence({});
    return found.some(({ action }) => action === "opening_refused") ? found : null;
  }, "the refusal to be noted");
  expect(evidence.toReversed().map(({ action }) => action)).toEqual([
    "worker_started",
    "channel_opened",
    "terminal_opened",
    "terminal_closed",
    "opening_refused",
  ]);
  expect(evidence).toContainEqual(
    expect.objectContaining({ action: "channel_opened", subject: channel.channelId, ...mine }),
  );
  expect(evidence).toContainEqual(
    expect.objectContaining({ action: "terminal_opened", subject: terminalId, ...mine }),
  );
  expect(evidence[0]).toMatchObject({
    reason: "device_not_trusted",
    deviceId: stranger.deviceId,
  });
  const page = await calls.listEvidence({ limit: 2 });
  expect(page).toMatchObject({ more: true, evidence: evidence.slice(0, 2) });
  const rest = await calls.listEvidence({ beforeSequence: page.evidence[1]?.sequence ?? 0n });
  expect(rest).toMatchObject({ more: false, evidence: evidence.slice(2) });
  await expect(calls.listEvidence({ limit: 201 })).rejects.toThrow(/limit must be/);

  // The hub has heard of none of it but of channels.
  const hubFile = readFileSync(path.join(directory, "hub", "hub.db")).toString("latin1");
  expect(hubFile).not.toContain(terminalId);
  channel.close();
  await within(channel.closed, "the channel to close");
});

test("the console shows the same and says whether it is whole, while the worker runs and after", async () => {
  const first = await evidenceOf("--json");
  const told = JSON.parse(first.stdout) as {
    chain: { ok: boolean; head: { sequence: number; hash: string } };
    entries: { action: string; sequence: number; hash: string }[];
  };
  expect(first.code).toBe(0);
  expect(told.chain).toMatchObject({ ok: true, forgotten: 0 });
  expect(told.entries[0]).toMatchObject(told.chain.head);
  await worker.stop();
  const after = await evidenceOf();
  expect(after.stdout).toMatch(
    /worker_stopped[^]*entries in one chain, 0 older ones forgotten\.\nHead: \d+ [0-9a-f]{64}\n$/,
  );

  const database = await openDatabase(workerDir);
  const { sequence } = await database
    .updateTable("evidence")
    .set({ device_id: "dev_other" })
    .where("action", "=", "terminal_opened")
    .returning("sequence")
    .executeTakeFirstOrThrow();
  await database.destroy();
  const edited = await evidenceOf();
  expect(edited.code).toBe(1);
  expect(edited.stdout).toContain(`Entry ${sequence} was altered, removed or inserted.`);
});
