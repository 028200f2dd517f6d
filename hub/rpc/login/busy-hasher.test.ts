import { ConnectError, createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { expect, test } from "vitest";
import type { HubLimits } from "../../config/hub-limits.ts";
import { systemClock } from "../../ops/hub-clock.ts";
import { connectAs, firstAdmin, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { startTestHub } from "../../test-support/start-links.ts";

/** A hub that has its first admin and then hashes nothing: who waits goes on waiting. Behind a proxy. */
async function startBusy(limits: Partial<HubLimits>) {
  const former = await startTestHub({ kind: "hub" });
  const ann = await setUpFirstAdmin(former.url, former.hub.setUpUrl);
  await former.hub.close();
  const { url } = await startTestHub({
    kind: "hub",
    dataDir: former.dataDir,
    isSignUpEnabled: true,
    trustedProxies: ["127.0.0.1"],
    clock: { ...systemClock, now: () => 0 },
    limits: { maxPasswordHashes: 0, ...limits },
  });
  const from = (address: string) =>
    createClient(LoginService, connectAs(url, { "x-forwarded-for": address }));
  return {
    from,
    logIn: (address: string) => refusalOf(from(address).logIn(firstAdmin)),
    account: createClient(AccountService, connectAs(url, ann.headers)),
  };
}

/** Of calls of which one never ends: how the others did. */
async function allButOne(calls: readonly Promise<string>[]): Promise<string[]> {
  const ended: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const call of calls) {
      call.then((outcome) => {
        ended.push(outcome);
        if (ended.length === calls.length - 1) resolve();
      }, reject);
    }
  });
  return ended;
}

test("so many passwords are hashed at once, and nobody waits where nobody may", async () => {
  const { logIn } = await startBusy({ maxQueuedPasswords: 0 });
  expect(await logIn("192.0.2.1")).toBe("throttled");
});

test("so many passwords of strangers wait, and the next one is told to come again", async () => {
  const { logIn } = await startBusy({ maxQueuedPasswords: 1 });
  expect(await allButOne([logIn("192.0.2.1"), logIn("192.0.2.2")])).toEqual(["throttled"]);
});

test("one network has so many waiting, whatever addresses it uses", async () => {
  const { logIn } = await startBusy({ maxQueuedPasswordsPerNetwork: 1 });
  const calls = [logIn("2001:db8::1"), logIn("2001:db8::2"), logIn("2001:db8::3")];
  expect(await allButOne(calls)).toEqual(["throttled", "throttled"]);
});

test.each(["maxQueuedOwnPasswords", "maxQueuedPasswordsPerAccount"] as const)(
  "of those who are logged in so many wait: %s",
  async (name) => {
    const { account, logIn } = await startBusy({ [name]: 1, maxQueuedPasswords: 0 });
    const change = { oldPassword: firstAdmin.password, newPassword: "another stapled battery" };
    const calls = [account.changePassword(change), account.changePassword(change)];
    expect(await allButOne(calls.map(refusalOf))).toEqual(["throttled"]);
    // It is not the strangers' room.
    expect(await logIn("192.0.2.1")).toBe("throttled");
  },
);

test("a hub that is too busy says when to come again, and that counts against nobody", async () => {
  const limits = { maxQueuedPasswords: 0, startsPerMinute: 1 };
  const { from, logIn } = await startBusy(limits);
  const signUp = () =>
    from("192.0.2.1").signUp({ username: "bob", password: "a long enough pass phrase" });
  const waits: number[] = [];
  for (let time = 0; time < 5; time += 1) {
    expect(await logIn("192.0.2.1")).toBe("throttled");
    const error = await signUp().catch(ConnectError.from);
    waits.push(
      error instanceof ConnectError
        ? (error.findDetails(ErrorReasonSchema)[0]?.retryAfterMs ?? 0)
        : 0,
    );
  }
  // Whoever used up the sign-ups of a network would wait for a minute.
  expect(waits).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
});
