/** What the hub may end for good, in its own word and no other way; it gains nothing but that. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import {
  WorkerLinkService,
  WorkerRegistrationService,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { createWorker, type Worker, type WorkerOptions } from "@leapmux/worker/context.ts";
import { openDatabase } from "@leapmux/worker/store/open-database.ts";
import { makeTrustStore } from "@leapmux/worker/trust/trust-store.ts";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { startPairedSystem } from "../harness/start-paired-system.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until, within } from "../harness/until.ts";

test("on the hub's order everything stops, is wiped, and is acknowledged last", async () => {
  const system = await startPairedSystem(cleanupAfterTest());
  const { client, device, worker, workerDir, workerLink } = system;
  const channel = await client.channel({ claim: device.claim });
  await channel.terminals.openTerminal({ terminalId: "t", workspaceId: "w", cols: 80, rows: 24 });
  let wipedBefore: boolean | undefined;
  workerLink.hooks.up = (message) => {
    if (message.body.case === "deregistered") {
      wipedBefore = !existsSync(join(workerDir, "state.json"));
    }
    return [message];
  };
  workerLink.injectDown({ case: "deregister", value: {} });
  await until(() => worker.state() === "deregistered", "the end of the registration");
  expect(await within(channel.closed, "the channel to close")).toBe("worker_offline");
  expect(wipedBefore).toBe(true);
  expect(worker.isWiped).toBe(true);
  expect(worker.identity.workerToken).toBeNull();
  await worker.stop();
});

describe("on reconnect", () => {
  const refuse = (code: Code, reason?: string) =>
    new ConnectError(
      "no",
      code,
      undefined,
      reason === undefined ? [] : [{ desc: ErrorReasonSchema, value: { reason } }],
    );

  async function startRefused(
    error: ConnectError,
    addresses: { registered: string; dialled: string },
  ): Promise<{ worker: Worker; stateFile: string; ends: string[]; options: WorkerOptions }> {
    const cleanup = cleanupAfterTest();
    const dataDir = await makeTemporaryDirectory(cleanup);
    const transport = createRouterTransport((router) => {
      router.service(WorkerRegistrationService, { register: () => ({ workerToken: "token" }) });
      router.service(WorkerLinkService, {
        // oxlint-disable-next-line require-yield
        async *link() {
          throw error;
        },
      });
    });
    const options = {
      dataDir,
      transport,
      name: "worker",
      mode: "classic",
      clientAuth: "paired",
      bundled: false,
      logger: pino({ level: "silent" }),
    } as const;
    const first = await createWorker({ ...options, hubAddress: addresses.registered });
    await first.register({ registrationKey: "lmk_key", secret: null });
    await first.stop();
    const worker = await createWorker({ ...options, hubAddress: addresses.dialled });
    cleanup.add(() => worker.stop());
    const ends: string[] = [];
    worker.onState((state) => ends.push(state));
    worker.start();
    await until(() => ends.some((state) => state === "refused" || state === "waiting"), "an end");
    const again = { ...options, hubAddress: addresses.dialled };
    return { worker, stateFile: join(dataDir, "state.json"), ends, options: again };
  }

  const same = { registered: "http://hub", dialled: "http://hub" };

  const refused = refuse(Code.Unauthenticated, "worker_token_refused");

  test("the word of the hub that gave the token ends the registration, but not for good", async () => {
    const { worker, stateFile, ends } = await startRefused(refused, same);
    expect(ends).toContain("refused");
    expect(worker.isWiped).toBe(false);
    expect(worker.identity.workerToken).toBeNull();
    expect(existsSync(stateFile)).toBe(false);
    expect(worker.refusedState).toMatch(/state\.json\.refused-\d{8}T\d{6}Z$/);
    expect(existsSync(worker.refusedState ?? "")).toBe(true);
  });

  test("who registers it anew gets the same keys, and none of those who were trusted before", async () => {
    const { worker, stateFile, options } = await startRefused(refused, same);
    const { compositePublicKey, workerId } = worker.identity;
    await worker.stop();
    const trusted = async (): Promise<number> => {
      const database = await openDatabase(options.dataDir);
      const roots = await makeTrustStore(database).listRoots();
      await database.destroy();
      return roots.length;
    };
    const database = await openDatabase(options.dataDir);
    await makeTrustStore(database).addRoot({
      device_id: "dev_of-the-former-owner",
      public_key: new Uint8Array(1984),
      user_id: "usr_former",
      source: "pairing",
      added_at_ms: 1,
    });
    await database.destroy();

    const unregistered = await createWorker(options);
    expect(unregistered.identity.workerToken).toBeNull();
    await unregistered.stop();
    // Put back, it would be as it was.
    expect(await trusted()).toBe(1);

    const again = await createWorker(options);
    await again.register({ registrationKey: "lmk_other", secret: null });
    expect(again.identity).toMatchObject({ workerId, workerToken: "token" });
    expect(again.identity.compositePublicKey).toEqual(compositePublicKey);
    expect(again.refusedState).toBeNull();
    await again.stop();
    expect(existsSync(stateFile)).toBe(true);
    expect(await trusted()).toBe(0);
  });

  test.each([
    ["the word of another hub", refuse(Code.Unauthenticated, "worker_token_refused"), "http://b"],
    ["a proxy that wants a password", refuse(Code.Unauthenticated), "http://hub"],
    ["another refusal", refuse(Code.PermissionDenied, "not_allowed"), "http://hub"],
    ["the word under another code", refuse(Code.Unavailable, "worker_token_refused"), "http://hub"],
    ["no hub at all", refuse(Code.Unavailable), "http://hub"],
  ])("%s wipes nothing", async (_name, error, dialled) => {
    const { worker, stateFile } = await startRefused(error, { registered: "http://hub", dialled });
    expect(worker.isWiped).toBe(false);
    expect(worker.refusedState).toBeNull();
    expect(existsSync(stateFile)).toBe(true);
  });
});
