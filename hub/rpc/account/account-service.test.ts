import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { expect, test } from "vitest";
import { accountActions, adminActions, loginActions } from "../refuse-in-solo.ts";
import { connectAs, firstAdmin, logIn, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { bob, inviteBob } from "../../test-support/revocations.ts";
import { startTestHub } from "../../test-support/start-links.ts";

async function start() {
  const { hub, url } = await startTestHub({ kind: "hub" });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const { acting, victim } = await inviteBob(url, ann);
  const account = createClient(AccountService, acting.transport);
  return { url, ann, acting, victim, account };
}

test("what changes how one logs in asks for the password again", async () => {
  const { url, account } = await start();
  const newPassword = "another stapled battery";
  const change = (oldPassword: string, next = newPassword) =>
    refusalOf(account.changePassword({ oldPassword, newPassword: next }));
  expect(await change("wrong")).toBe("wrong_password");
  expect(await change("")).toBe("wrong_password");
  expect(await change("x".repeat(2_000))).toBe("invalid_request");
  expect(await change(bob.password, "short")).toBe("password_unfit");
  expect(await change(bob.password, "x".repeat(129))).toBe("password_unfit");
  expect(await change(bob.password)).toBe("answered");
  expect((await logIn(url, { ...bob, password: newPassword })).userId).toMatch(/^usr_/);
});

test("an account is deleted by its name, typed, and its password; the last admin's is not", async () => {
  const { url, ann, account } = await start();
  expect(await refusalOf(account.deleteAccount({ ...bob, username: "bobby" }))).toBe(
    "invalid_request",
  );
  expect(await refusalOf(account.deleteAccount({ ...bob, password: "wrong" }))).toBe(
    "wrong_password",
  );
  const admins = createClient(AccountService, ann.transport);
  expect(await refusalOf(admins.deleteAccount(firstAdmin))).toBe("last_admin");
  expect(await refusalOf(account.deleteAccount(bob))).toBe("answered");
  expect(await refusalOf(account.getAccount({}))).toBe("unauthenticated");
  expect(await refusalOf(logIn(url, bob))).toBe("login_refused");
});

test("logins are one's own: those of others are not there", async () => {
  const { ann, account } = await start();
  const { logins } = await account.listLogins({});
  expect(logins.map(({ current }) => current).sort()).toEqual([false, true]);
  const [own] = (await createClient(AccountService, ann.transport).listLogins({})).logins;
  expect(await refusalOf(account.endLogin({ loginId: own?.loginId ?? "" }))).toBe("not_found");
  expect(await refusalOf(account.endLogin({ loginId: "' or 1=1" }))).toBe("invalid_request");
  expect(await account.endOtherLogins({})).toMatchObject({ ended: 1 });
  const { account: renamed } = await account.changeDisplayName({ displayName: " Bob B. " });
  expect(renamed).toMatchObject({ displayName: "Bob B.", hasPassword: true, username: "bob" });
});

test("nobody but admins may do what admins do, and not to themselves", async () => {
  const { ann, acting } = await start();
  const calls = createClient(AdminService, acting.transport);
  const admin = createClient(AdminService, ann.transport);
  const { userId } = acting;
  for (const call of [
    calls.listUsers({}),
    calls.setRole({ userId, role: 2 }),
    calls.endLoginsOf({ userId }),
    calls.resetPassword({ userId }),
    calls.deleteUser({ userId, username: "bob" }),
    calls.invite({ role: 2 }),
    calls.listInvitations({}),
    calls.withdrawInvitation({ invitationId: "inv_x" }),
  ]) {
    expect(await refusalOf(call)).toBe("admin_required");
  }
  const own = { userId: ann.userId };
  expect(await refusalOf(admin.resetPassword(own))).toBe("invalid_request");
  expect(await refusalOf(admin.deleteUser({ ...own, username: "ann" }))).toBe("invalid_request");
  expect(await refusalOf(admin.setRole({ ...own, role: 1 }))).toBe("last_admin");
  expect(await refusalOf(admin.setRole({ userId, role: 0 }))).toBe("invalid_request");
  expect(await refusalOf(admin.setRole({ userId, role: 99 as Role }))).toBe("invalid_request");
  expect(await refusalOf(admin.endLoginsOf({ userId: `usr_${"A".repeat(22)}` }))).toBe("not_found");
  expect(await refusalOf(admin.invite({ role: 1, email: "x".repeat(255) }))).toBe(
    "invalid_request",
  );
  // A role counts from the next call on.
  await admin.setRole({ userId, role: 2 });
  expect((await calls.listUsers({})).users).toMatchObject([
    { username: "ann", role: 2 },
    { username: "bob", role: 2, logins: 2, hasSecondFactor: false },
  ]);
  await admin.setRole({ userId, role: 1 });
  expect(await refusalOf(calls.listUsers({}))).toBe("admin_required");
  const { invitation } = await admin.invite({ role: 1 });
  expect((await admin.listInvitations({})).invitations).toMatchObject([{ invitedBy: "ann" }]);
  await admin.withdrawInvitation({ invitationId: invitation?.invitationId ?? "" });
  expect((await admin.listInvitations({})).invitations).toEqual([]);
});

test("without a login only what leads to one is answered", async () => {
  const { url } = await start();
  const nobody = connectAs(url);
  expect(await refusalOf(createClient(AccountService, nobody).getAccount({}))).toBe(
    "unauthenticated",
  );
  expect(await refusalOf(createClient(AdminService, nobody).listUsers({}))).toBe("unauthenticated");
  expect(await refusalOf(createClient(WorkspaceService, nobody).listWorkspaces({}))).toBe(
    "unauthenticated",
  );
  expect(await refusalOf(createClient(LoginService, nobody).logOut({}))).toBe("answered");
});

test("the set-up address bears the name under which a browser makes passkeys", async () => {
  const { hub } = await startTestHub({ kind: "hub" });
  expect(hub.setUpUrl).toBe(
    `http://localhost:${hub.address.port}/setup#${hub.setUpUrl?.split("#")[1]}`,
  );
});

test("solo refuses each by its name, and still says who one is", async () => {
  const { hub, url } = await startTestHub();
  expect(hub.setUpUrl).toBeNull();
  const transport = connectAs(url);
  for (const [service, actions] of [
    [LoginService, loginActions],
    [AccountService, accountActions],
    [AdminService, adminActions],
  ] as const) {
    const calls = createClient(service, transport) as unknown as Record<
      string,
      (request: object) => Promise<unknown>
    >;
    for (const [name, action] of Object.entries(actions)) {
      const call = calls[name]?.({}) ?? Promise.resolve();
      await expect(call, name).rejects.toThrow(`no way to ${action}`);
      expect(await refusalOf(call)).toBe("not_in_solo");
    }
  }
  expect(await createClient(SystemService, transport).getSystemInfo({})).toMatchObject({
    userId: "solo",
    setupRequired: false,
    account: { userId: "solo", username: "solo", role: 2 },
  });
});
