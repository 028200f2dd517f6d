import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../ops/hub-clock.ts";
import { acceptInvitation, connectAs, logIn, setUpFirstAdmin } from "../test-support/log-in.ts";
import { refusalOf } from "../test-support/refusal-of.ts";
import { makeSoftwareAuthenticator } from "../test-support/software-authenticator.ts";
import { showTotp } from "../test-support/start-factors.ts";
import { startHub } from "../test-support/start-hub.ts";
import { startTestHub } from "../test-support/start-links.ts";

/** A real hub under the address that passkeys are for, with its first admin logged in. */
async function start() {
  const publicUrl = "https://hub.example.com";
  let laterMs = 0;
  const nowMs = (): number => 1_700_000_000_000 + laterMs;
  const clock = { ...systemClock, now: () => laterMs, wallMs: nowMs };
  const passTime = (ms: number): void => void (laterMs += ms);
  const started = await startTestHub({ kind: "hub", publicUrl, clock });
  // As the proxy in front of it passes requests on.
  const calls = createClient(LoginService, connectAs(started.url));
  const ann = await setUpFirstAdmin(started.url, started.hub.setUpUrl);
  const account = createClient(AccountService, ann.transport);
  const { username, password } = ann;
  return { ...started, publicUrl, calls, ann, account, username, password, nowMs, passTime };
}

async function refusal(call: Promise<unknown>): Promise<[Code, string | undefined]> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => ConnectError.from(thrown),
  );
  if (error === null) throw new Error("the call was not refused");
  return [error.code, error.findDetails(ErrorReasonSchema)[0]?.reason];
}

test("with one-time codes the password leads to a second question, and a recovery code answers it once", async () => {
  const { calls, account, username, password, nowMs, passTime } = await start();
  const wrong = account.startTotp({ password: "wrong password" });
  expect(await refusal(wrong)).toEqual([Code.PermissionDenied, "wrong_password"]);
  const { secret } = await account.startTotp({ password });
  const { recoveryCodes } = await account.finishTotp({ code: showTotp(secret, nowMs()) });
  expect((await account.getAccount({})).account).toMatchObject({
    hasTotp: true,
    recoveryCodesLeft: 10,
  });

  const first = await calls.logIn({ username, password });
  expect(first.result).toMatchObject({
    case: "secondFactor",
    value: { totp: true, recoveryCode: true, passkeyOptionsJson: "" },
  });
  if (first.result.case !== "secondFactor") throw new Error("no second factor");
  const { challenge } = first.result.value;
  const used = {
    challenge,
    proof: { case: "recoveryCode", value: recoveryCodes[0] ?? "" },
  } as const;
  const lie = { challenge, proof: { case: "totpCode", value: "1" } } as const;
  expect(await refusal(calls.finishLogIn(lie))).toEqual([Code.Unauthenticated, "login_refused"]);
  expect((await calls.finishLogIn(used)).result).toMatchObject({
    case: "account",
    value: { username, recoveryCodesLeft: 9 },
  });
  expect(await refusal(calls.finishLogIn(used))).toEqual([Code.Unauthenticated, "login_refused"]);

  // The code of before has been used up.
  passTime(30_000);
  const second = await calls.logIn({ username, password });
  if (second.result.case !== "secondFactor") throw new Error("no second factor");
  const proof = { case: "totpCode", value: showTotp(secret, nowMs()) } as const;
  const entered = await calls.finishLogIn({ challenge: second.result.value.challenge, proof });
  expect(entered.result.case).toBe("account");
});

test("wrong codes are slowed down beyond the log-in in which they were tried", async () => {
  const { calls, account, username, password, nowMs } = await start();
  const { secret } = await account.startTotp({ password });
  await account.finishTotp({ code: showTotp(secret, nowMs()) });
  const reasons: (string | undefined)[] = [];
  for (let time = 0; time < 5; time += 1) {
    const { result } = await calls.logIn({ username, password });
    if (result.case !== "secondFactor") throw new Error("no second factor");
    const { challenge } = result.value;
    const guess = calls.finishLogIn({ challenge, proof: { case: "totpCode", value: "1" } });
    reasons.push((await refusal(guess))[1]);
  }
  expect(reasons).toEqual([
    "login_refused",
    "login_refused",
    "login_refused",
    "login_refused",
    "throttled",
  ]);
});

test("codes that were not looked at, because somebody else's were wrong, count against nobody", async () => {
  const { url, account, username, password, passTime, nowMs } = await start();
  const { secret } = await account.startTotp({ password });
  await account.finishTotp({ code: showTotp(secret, nowMs()) });
  const from = async (address: string, code: string) => {
    const there = createClient(LoginService, connectAs(url, { "x-forwarded-for": address }));
    const { result } = await there.logIn({ username, password });
    if (result.case !== "secondFactor") throw new Error("no second factor");
    const proof = { case: "totpCode", value: code } as const;
    return refusalOf(there.finishLogIn({ challenge: result.value.challenge, proof }));
  };
  // Whoever knows the password tries from everywhere, until the account waits for minutes.
  for (let host = 1; host <= 12; host += 1) {
    passTime(5 * 60_000);
    expect(await from(`198.51.100.${host}`, "1")).toBe("login_refused");
  }
  for (let time = 0; time < 9; time += 1) {
    expect(await from("192.0.2.1", showTotp(secret, nowMs()))).toBe("throttled");
    passTime(time < 8 ? 30_000 : 17_000);
  }
  expect(await from("192.0.2.1", showTotp(secret, nowMs()))).toBe("answered");
});

test("wrong codes by time leave recovery codes alone, and what strangers type as a name delays no factor", async () => {
  const { calls, ann, account, username, password, passTime, nowMs } = await start();
  const { secret } = await account.startTotp({ password });
  const { recoveryCodes } = await account.finishTotp({ code: showTotp(secret, nowMs()) });
  const finish = async (proof: { case: "totpCode" | "recoveryCode"; value: string }) => {
    const { result } = await calls.logIn({ username, password });
    if (result.case !== "secondFactor") throw new Error("no second factor");
    return refusalOf(calls.finishLogIn({ challenge: result.value.challenge, proof }));
  };
  for (const name of [`factor of ${ann.userId}`, ann.userId]) {
    for (let time = 0; time < 4; time += 1) {
      await refusalOf(calls.logIn({ username: name, password: "wrong" }));
    }
  }
  passTime(30_000);
  const right = { case: "totpCode", value: showTotp(secret, nowMs()) } as const;
  expect(await finish(right)).toBe("answered");
  for (let time = 0; time < 4; time += 1) await finish({ case: "totpCode", value: "1" });
  expect(await finish({ case: "totpCode", value: "1" })).toBe("throttled");
  expect(await finish({ case: "recoveryCode", value: recoveryCodes[0] ?? "" })).toBe("answered");
});

test("a factor that was begun before all other logins ended is not finished after it", async () => {
  const { account, password, nowMs } = await start();
  const { secret } = await account.startTotp({ password });
  await account.endOtherLogins({});
  const late = account.finishTotp({ code: showTotp(secret, nowMs()) });
  expect(await refusalOf(late)).toBe("credential_revoked");
  expect((await account.getAccount({})).account).toMatchObject({ hasTotp: false });
});

test("a passkey is the second factor, or the only one", async () => {
  const { publicUrl, calls, account, username, password } = await start();
  const key = makeSoftwareAuthenticator(publicUrl);
  const { optionsJson } = await account.startPasskeyRegistration({ password });
  const registered = await account.finishPasskeyRegistration({
    responseJson: key.register(optionsJson),
    name: "Laptop",
  });
  expect(registered.account?.passkeys).toMatchObject([{ name: "Laptop" }]);

  const { result } = await calls.logIn({ username, password });
  if (result.case !== "secondFactor") throw new Error("no second factor");
  const { challenge, passkeyOptionsJson } = result.value;
  const value = key.authenticate(passkeyOptionsJson, { userVerified: false });
  const entered = await calls.finishLogIn({ challenge, proof: { case: "passkeyJson", value } });
  expect(entered.result.case).toBe("account");

  const alone = await calls.startPasskeyLogIn({});
  const proof = { case: "passkeyJson", value: key.authenticate(alone.optionsJson) } as const;
  const answer = { challenge: alone.challenge, proof };
  expect((await calls.finishLogIn(answer)).result).toMatchObject({
    case: "account",
    value: { username },
  });
  expect(await refusal(calls.finishLogIn(answer))).toEqual([Code.Unauthenticated, "login_refused"]);
});

test("once a log-in was tried too often, a passkey does not count behind its password either", async () => {
  const { publicUrl, calls, account, username, password } = await start();
  const key = makeSoftwareAuthenticator(publicUrl);
  const { optionsJson } = await account.startPasskeyRegistration({ password });
  await account.finishPasskeyRegistration({ responseJson: key.register(optionsJson), name: "key" });
  const { result } = await calls.logIn({ username, password });
  if (result.case !== "secondFactor") throw new Error("no second factor");
  const { challenge, passkeyOptionsJson } = result.value;
  for (let time = 0; time < 6; time += 1) {
    await refusal(calls.finishLogIn({ challenge, proof: { case: "totpCode", value: "1" } }));
  }
  const value = key.authenticate(passkeyOptionsJson, { userVerified: false });
  const late = calls.finishLogIn({ challenge, proof: { case: "passkeyJson", value } });
  expect(await refusal(late)).toEqual([Code.Unauthenticated, "login_refused"]);
});

test("what counts behind a password does not outlive it", async () => {
  const { hub, publicUrl, url, calls, ann, account, username, password, nowMs } = await start();
  const key = makeSoftwareAuthenticator(publicUrl);
  const { optionsJson } = await account.startPasskeyRegistration({ password });
  await account.finishPasskeyRegistration({ responseJson: key.register(optionsJson), name: "key" });
  const { result } = await calls.logIn({ username, password });
  if (result.case !== "secondFactor") throw new Error("no second factor");
  const { challenge, passkeyOptionsJson } = result.value;
  await account.changePassword({ oldPassword: password, newPassword: "another horse battery" });
  const value = key.authenticate(passkeyOptionsJson, { userVerified: false });
  const late = calls.finishLogIn({ challenge, proof: { case: "passkeyJson", value } });
  expect(await refusal(late)).toEqual([Code.Unauthenticated, "login_refused"]);

  // A reset takes the factors along, so that whoever lost them all gets in again.
  const admin = createClient(AdminService, ann.transport);
  const invited = await admin.invite({ role: 1, email: "" });
  const bob = await acceptInvitation(url, invited.token, {
    username: "bob",
    password: "bobs long password",
  });
  const bobs = createClient(AccountService, bob.transport);
  const { secret } = await bobs.startTotp({ password: bob.password });
  await bobs.finishTotp({ code: showTotp(secret, nowMs()) });
  const reset = await admin.resetPassword({ userId: bob.userId });
  const again = { username: "bob", password: "bobs new password" };
  await acceptInvitation(url, reset.token, again);
  expect((await logIn(url, again)).userId).toBe(bob.userId);
  expect(hub.setUpUrl).not.toBeNull();
});

test("the key file is made once, for its owner alone, and a hub that lost it does not start", async () => {
  const { hub, dataDir, log, ann, account, nowMs } = await start();
  const file = join(dataDir, "encryption.key");
  expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  const { secret } = await account.startTotp({ password: ann.password });
  const { recoveryCodes } = await account.finishTotp({ code: showTotp(secret, nowMs()) });
  const told = log.join("");
  expect(told).toContain("one-time codes set up");
  for (const hidden of [secret, ...recoveryCodes, readFileSync(file, "utf8").split(":").at(-1)]) {
    expect(told).not.toContain(hidden?.trim());
  }
  await hub.close();
  rmSync(file);
  await expect(startHub({ kind: "hub", dataDir })).rejects.toThrow(/encryption.key is missing/);
  expect(existsSync(file)).toBe(false);
});

test("a hub under an address without TLS has no passkeys and says so", async () => {
  const { url } = await startTestHub({ kind: "hub", publicUrl: "http://hub.example.com" });
  const calls = createClient(LoginService, connectAs(url));
  expect((await refusal(calls.startPasskeyLogIn({})))[1]).toBe("not_found");
});

test("solo has neither keys nor factors", async () => {
  const { url, dataDir } = await startTestHub();
  expect(existsSync(join(dataDir, "encryption.key"))).toBe(false);
  const account = createClient(AccountService, connectAs(url));
  expect((await refusal(account.startTotp({ password: "" })))[1]).toBe("not_in_solo");
});
