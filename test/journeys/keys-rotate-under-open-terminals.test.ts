/**
 * The runbooks of docs/operating.md for the hub's keys, against a hub that runs: whoever has a terminal open
 * notices nothing of a new encryption key, nor of a new token key with grace. One without grace ends everything.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { makeKeyOperations } from "@leapmux/hub/keystore/key-operations.ts";
import { makePepperFile } from "@leapmux/hub/keystore/pepper-file.ts";
import { makeRingFile } from "@leapmux/hub/keystore/ring-file.ts";
import { systemClock } from "@leapmux/hub/ops/hub-clock.ts";
import { openStore } from "@leapmux/hub/store/open-store.ts";
import { acceptInvitation, connectAs } from "@leapmux/hub/test-support/log-in.ts";
import { showTotp } from "@leapmux/hub/test-support/start-factors.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { createWorker } from "@leapmux/worker/context.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startFurtherWorker, startSystem } from "../harness/start-system.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

const hour = 60 * 60_000;

/** A hub with logins, a registered worker beside the bundled one, and a terminal that is open on it. */
async function start() {
  const cleanup = cleanupAfterTest();
  let laterMs = 0;
  const clock = { ...systemClock, wallMs: () => Date.now() + laterMs };
  const limits = { keyFileCheckMs: 20, revocationCheckMs: 20 };
  const system = await startSystem(cleanup, { kind: "hub", mode: "classic", clock, limits });
  const { url, admin, directory } = system;
  if (admin === undefined) throw new Error("a hub with logins has an admin");
  const worker = await startFurtherWorker(cleanup, system, "classic");
  const client = await connectClient(cleanup, url);
  const channel = await client.channel({ workerId: worker.identity.workerId });
  const { view } = await openShell(channel);
  const account = createClient(AccountService, admin.transport);
  const { secret } = await account.startTotp({ password: admin.password });
  const code = () => showTotp(secret, clock.wallMs());
  await account.finishTotp({ code: code() });
  let marks = 0;
  return {
    ...system,
    admin,
    worker,
    channel,
    client,
    cleanup,
    dataDir: join(directory, "hub"),
    keys: createClient(KeyAdminService, admin.transport),
    passTime: (ms: number) => void (laterMs += ms),
    wallMs: clock.wallMs,
    async terminalGoesOn() {
      marks += 1;
      view.type(`echo still-$((7000 + ${marks}))\r`);
      await view.untilText(`still-${7000 + marks}`);
      await settle(view);
    },
    /** With a code that was not used yet. */
    async logInAgain() {
      laterMs += 60_000;
      const logins = createClient(LoginService, connectAs(url));
      const { username, password } = admin;
      const { result } = await logins.logIn({ username, password });
      if (result.case !== "secondFactor") throw new Error("a code is asked for");
      const { challenge } = result.value;
      await logins.finishLogIn({ challenge, proof: { case: "totpCode", value: code() } });
    },
  };
}

test("rotate, reencrypt, remove: open terminals never notice, and one-time codes go on", async () => {
  const { keys, passTime, terminalGoesOn, logInAgain } = await start();
  const before = await keys.getKeyStatus({});
  expect(before).toMatchObject({ wrapped: "none", pepperGeneration: 1 });
  expect(before.keys).toMatchObject([
    { version: 1, active: true, uses: [{ table: "totp", column: "secret", count: 1n }] },
  ]);

  expect(await keys.rotateKey({})).toMatchObject({ activeVersion: 2 });
  await terminalGoesOn();
  await logInAgain();
  await expect(keys.removeKey({ version: 1 })).rejects.toThrow(
    /version 1 is still needed by 1 of totp\.secret: reencrypt first/,
  );
  let last;
  for await (const progress of keys.reencrypt({})) last = progress;
  expect(last).toMatchObject({ done: 1n, left: 0n, unreadable: 0n });
  passTime(10_000);
  await keys.removeKey({ version: 1 });
  await logInAgain();
  await terminalGoesOn();
  expect((await keys.getKeyStatus({})).keys).toMatchObject([{ version: 2, active: true }]);

  await expect(keys.removeKey({ version: 2 })).rejects.toThrow(/is the active key/);
  await expect(keys.removeKey({ version: 9 })).rejects.toThrow(/no key with version 9/);
  await expect(keys.removeKey({ version: 0 })).rejects.toThrow(/must be the number/);
});

test("what another process does to the files is taken while the hub runs", async () => {
  const { dataDir, keys, wallMs, logInAgain, terminalGoesOn, log } = await start();
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const store = await openStore(dataDir);
  const wrapping = { kind: "none" } as const;
  const ringFile = makeRingFile({ directory: dataDir, wrapping, random, wallMs });
  const pepperFile = makePepperFile(dataDir, random);
  const offline = makeKeyOperations({ store, ringFile, pepperFile, random, wallMs });
  await offline.rotate();
  for await (const _ of offline.reencrypt());
  // Sealed with a key that the hub has perhaps not heard of yet.
  await logInAgain();
  expect(await offline.rotatePepper(hour)).toMatchObject({ ok: true, generation: 2 });
  await until(() => log.some((line) => line.includes("token key taken")), "the hub to take it");
  await terminalGoesOn();
  expect(await keys.getKeyStatus({})).toMatchObject({ pepperGeneration: 2 });
  await store.destroy();
  const ring = readFileSync(join(dataDir, "encryption.key"), "utf8");
  const [, key = ""] = /^2:(\S+)/m.exec(ring) ?? [];
  expect(key.length).toBeGreaterThan(40);
  expect(log.join("")).not.toContain(key);
});

test("a token key with grace loses no worker and no login that is there in that time", async () => {
  const system = await start();
  const { cleanup, directory, url, admin, logger } = system;
  const { keys, worker, workerLink, passTime, terminalGoesOn } = system;
  // Shorter than an access token lasts: its refresh token would end without anybody having used it.
  await expect(keys.rotatePepper({ graceMs: BigInt(hour - 1) })).rejects.toThrow(/access tokens/);
  const rotated = await keys.rotatePepper({ graceMs: BigInt(24 * hour) });
  expect(rotated.generation).toBe(2);
  await expect(keys.rotatePepper({ graceMs: BigInt(hour) })).rejects.toThrow(
    /grace of the last rotation/,
  );
  await expect(keys.rotatePepper({ graceMs: BigInt(31 * 24 * hour) })).rejects.toThrow(/30 days/);
  const status = await keys.getKeyStatus({});
  // The call itself moved the login; the links that were open moved theirs.
  expect(status.unmoved).toMatchObject({ logins: 0n, workers: 0n });

  passTime(25 * hour);
  await until(
    async () => (await keys.getKeyStatus({})).pepperGraceUntilMs === 0n,
    "the grace to end",
  );
  await terminalGoesOn();
  expect(worker.state()).toBe("online");
  // Both workers are known when they dial again, and so is the login.
  workerLink.cut();
  await worker.stop();
  const sameWorker = await createWorker({
    dataDir: join(directory, "further-worker"),
    transport: makeHubTransport(url),
    name: "further worker",
    mode: "classic",
    clientAuth: "hub",
    bundled: false,
    logger,
  });
  cleanup.add(() => sameWorker.stop());
  expect(sameWorker.identity.workerId).toBe(worker.identity.workerId);
  sameWorker.start();
  const again = await connectClient(cleanup, url, { headers: admin.headers });
  await until(async () => {
    const { workers } = await again.workers.listWorkers({});
    return workers.length === 2 && workers.every(({ online }) => online);
  }, "both workers online");
});

test("a token key without grace ends every login and every worker's token, and says how many", async () => {
  const { keys, url, admin, channel, worker, hub } = await start();
  const people = createClient(AdminService, admin.transport);
  const { token } = await people.invite({ role: Role.USER });
  await people.invite({ role: Role.USER });
  const bob = { username: "bob", password: "a stapled battery" };
  const { transport } = await acceptInvitation(url, token, bob);
  await hub.mintRegistrationKey();
  const asUser = createClient(KeyAdminService, transport);
  await expect(asUser.rotateKey({})).rejects.toThrow(/only admins/);

  const { tokens } = await keys.getKeyStatus({});
  const all = {
    logins: 2n,
    workers: 1n,
    invitations: 1n,
    registrationKeys: 1n,
    recoveryCodes: 10n,
  };
  expect(tokens).toMatchObject(all);
  const rotated = await keys.rotatePepper({});
  expect(rotated).toMatchObject({ generation: 2, graceUntilMs: 0n, tokens: all });
  expect(await within(channel.closed, "the channel to close")).toBe("credential_revoked");
  await expect(keys.getKeyStatus({})).rejects.toThrow(/log in/);
  await until(() => worker.state() !== "online", "the worker to be sent away");
});

test("solo has no accounts and so no such calls", async () => {
  const { url } = await startSystem(cleanupAfterTest(), { mode: "classic" });
  const keys = createClient(KeyAdminService, connectAs(url));
  await expect(keys.rotateKey({})).rejects.toThrow(/solo mode has no accounts.*rotate a key/);
});
