/** What the hub may end for good, in its own word and no other way; it gains nothing but that. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import {
  WorkerLinkService,
  WorkerRegistrationService,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { createWorker, type Worker } from "@leapmux/worker/context.ts";
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
  ): Promise<{ worker: Worker; stateFile: string; ends: string[] }> {
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
    return { worker, stateFile: join(dataDir, "state.json"), ends };
  }

  const same = { registered: "http://hub", dialled: "http://hub" };

  test("the word of the hub that gave the token wipes it", async () => {
    const refused = refuse(Code.Unauthenticated, "worker_token_refused");
    const { worker, stateFile, ends } = await startRefused(refused, same);
    expect(ends).toContain("refused");
    expect(worker.isWiped).toBe(true);
    expect(existsSync(stateFile)).toBe(false);
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
    expect(existsSync(stateFile)).toBe(true);
  });
});
