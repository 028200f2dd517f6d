/**
 * A caller decides how long its body takes. Whatever ends in the meantime must not act any more, although
 * the headers came while it was still good.
 */
import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { expect, test, vi } from "vitest";
import { systemClock } from "../ops/hub-clock.ts";
import { acceptInvitation, setUpFirstAdmin, type LoggedIn } from "../test-support/log-in.ts";
import { connectRaw } from "../test-support/raw-socket.ts";
import { bob } from "../test-support/revocations.ts";
import { cleanUp, startTestHub } from "../test-support/start-links.ts";

/** Ann and Bob are both admins. */
async function start() {
  let laterMs = 0;
  const clock = { ...systemClock, wallMs: () => Date.now() + laterMs };
  const { hub, url } = await startTestHub({ kind: "hub", clock });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const admin = createClient(AdminService, ann.transport);
  const { token } = await admin.invite({ role: Role.ADMIN });
  const second = await acceptInvitation(url, token, bob);

  const lastSeenMs = async (): Promise<bigint> => {
    const { users } = await admin.listUsers({});
    return users.find(({ userId }) => userId === second.userId)?.lastSeenAtMs ?? 0n;
  };

  /** The gate has let the headers of Bob's call in; the rest of its body comes with `finish`. */
  async function begin(method: string, body: string) {
    // Then the use of the login is written down, which shows that the gate has passed it.
    laterMs += 120_000;
    const before = await lastSeenMs();
    const raw = await connectRaw(url);
    cleanUp(() => raw.socket.destroy());
    const head = [
      `POST /leapmux.hub.v1.${method} HTTP/1.1`,
      `host: ${new URL(url).host}`,
      `cookie: ${second.headers["cookie"] ?? ""}`,
      "content-type: application/json",
      "connect-protocol-version: 1",
      "connection: close",
      `content-length: ${body.length}`,
    ];
    raw.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, 1)}`);
    await vi.waitUntil(async () => (await lastSeenMs()) > before);
    return (): Promise<string> => {
      raw.write(body.slice(1));
      return raw.closed;
    };
  }
  return { admin, second, begin };
}

const invite: readonly [string, string] = ["AdminService/Invite", '{"role":"ROLE_ADMIN"}'];

const endOwnLogin = async ({ transport }: LoggedIn): Promise<void> => {
  const account = createClient(AccountService, transport);
  const { logins } = await account.listLogins({});
  await account.endLogin({ loginId: logins.find(({ current }) => current)?.loginId ?? "" });
};

test("a login that ended while its admin call was being sent invites nobody", async () => {
  const { admin, second, begin } = await start();
  const finish = await begin(...invite);
  await admin.endLoginsOf({ userId: second.userId });
  const answer = await finish();
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(answer).not.toContain("lmi_");
  expect((await admin.listInvitations({})).invitations).toEqual([]);
});

test("somebody who is no admin any more once the call is complete invites nobody", async () => {
  const { admin, second, begin } = await start();
  const finish = await begin(...invite);
  await admin.setRole({ userId: second.userId, role: Role.USER });
  const answer = await finish();
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer).toContain("admin_required");
  expect((await admin.listInvitations({})).invitations).toEqual([]);
});

test("a login that ended while its own call was being sent makes no registration key", async () => {
  const { second, begin } = await start();
  const finish = await begin("WorkerService/CreateRegistrationKey", "{}");
  await endOwnLogin(second);
  const answer = await finish();
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(answer).not.toContain("lmk_");
});

test("where anybody may call, who was known is nobody by then", async () => {
  const { second, begin } = await start();
  const finish = await begin("SystemService/GetSystemInfo", "{}");
  await endOwnLogin(second);
  const answer = await finish();
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).not.toContain(second.userId);
});

test("what is still good acts however slowly its call came", async () => {
  const { begin } = await start();
  const finish = await begin(...invite);
  expect(await finish()).toContain("lmi_");
});
