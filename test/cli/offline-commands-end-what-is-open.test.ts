import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { LoginAdminService } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import { dialAsClient } from "@leapmux/hub/test-support/fake-client.ts";
import { dialAsWorker } from "@leapmux/hub/test-support/fake-worker.ts";
import { logIn } from "@leapmux/hub/test-support/log-in.ts";
import { registerWorker } from "@leapmux/hub/test-support/register-worker.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { startAdminPlace } from "./admin-commands.ts";

const workerId = "worker-0007";

/** A worker and a client with an open channel at a hub that runs, and the commands beside it. */
async function start(cleanup: Cleanup) {
  const place = await startAdminPlace(cleanup);
  const { url, hub } = place.started;
  const token = await registerWorker(url, workerId, await hub.mintRegistrationKey());
  const worker = await dialAsWorker(createGrpcTransport({ baseUrl: url }), { workerId, token });
  cleanup.add(() => worker.hangUp());
  await worker.inbox.find(({ body }) => body.case === "welcome");
  const login = await logIn(url);
  const client = await dialAsClient(url, login.headers);
  cleanup.add(() => client.socket.terminate());
  const channelId = await client.open(workerId);
  const { logins } = await createClient(LoginAdminService, login.transport).listLoginsOf({});
  const loginId = logins.find((each) => each.login?.current)?.login?.loginId ?? "";
  const closed = async () => {
    const frame = await client.frames.next();
    return [frame.channelId === channelId, Buffer.from(frame.ciphertext).toString()];
  };
  return { ...place, worker, client, loginId, closed };
}

// That the hub looks each second is held by its limits and watch-revocations.test.ts; here it is its own clock.
test("a login that is revoked on the data directory loses its channels", async () => {
  const cleanup = cleanupAfterTest();
  const { run, loginId, client, closed } = await start(cleanup);
  const ran = await run("offline", "login", "revoke", "--id", loginId);
  expect(ran).toEqual({ code: 0, stdout: `Ended the login ${loginId}.\n`, stderr: "" });
  expect(await closed()).toEqual([true, "credential_revoked"]);
  const told = await client.inbox.find(({ body }) => body.case === "loginEnded");
  expect(told.body.case).toBe("loginEnded");
  expect((await client.closed).code).toBe(4001);
});

test("a new password ends every login and channel of the user", async () => {
  const cleanup = cleanupAfterTest();
  const { run, passwordFile, closed } = await start(cleanup);
  const args = ["user", "reset-password", "--username", "ann", "--password-file", passwordFile];
  expect((await run("offline", ...args)).stdout).toBe(
    "Set the password of ann; logins that ended: 2.\n",
  );
  expect(await closed()).toEqual([true, "credential_revoked"]);
});

test("a worker that is deregistered on the data directory is told to stop for good", async () => {
  const cleanup = cleanupAfterTest();
  const { run, worker, closed } = await start(cleanup);
  const deregister = () => run("offline", "worker", "deregister", "--id", workerId, "--yes");
  expect((await deregister()).stdout).toBe(
    `The worker ${workerId} deregisters: it wipes its credentials when it hears of it.\n`,
  );
  expect(await closed()).toEqual([true, "worker_deregistered"]);
  await worker.inbox.find(({ body }) => body.case === "deregister");
  // It says nothing back, so it is asked again: from then on the hub does not know it.
  expect((await deregister()).stdout).toBe(
    `Forgot the worker ${workerId}; its token is refused from now on.\n`,
  );
  expect((await run("offline", "worker", "get", "--id", workerId)).stderr).toBe(
    `error: there is no worker with the id ${workerId}\n`,
  );
});
