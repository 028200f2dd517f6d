import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test, vi } from "vitest";
import { makeUser } from "../test-support/make-user.ts";
import { makePasswordCheck } from "./check-password.ts";
import { makeLogInThrottle } from "./log-in-throttle.ts";
import { HasherBusyError } from "./password-hash.ts";

const row = (name: string, password_hash: string | null) => ({
  ...makeUser(name, { password_hash }),
  epoch: 0,
  last_seen_at_ms: 0,
});

function make(verify?: () => Promise<boolean>, hash?: () => Promise<string>) {
  const clock = makeManualClock();
  const known = new Map([
    ["ann", row("ann", "hash of right")],
    ["bob", row("bob", null)],
    ["cem", row("cem", "old hash of right")],
  ]);
  const replaced: string[][] = [];
  const failures: string[] = [];
  /** What each check had the hasher compute. */
  const hashed: (string | null)[] = [];
  const check = makePasswordCheck({
    users: {
      findByName: (name) => Promise.resolve(known.get(name)),
      find: (id) => Promise.resolve(known.get(id.slice("usr_".length))),
      replacePasswordHash: async (...given) => void replaced.push(given),
    },
    hasher: {
      verify(password, stored) {
        hashed.push(stored);
        const isRight = stored?.replace("old ", "") === `hash of ${password}`;
        return verify?.() ?? Promise.resolve(isRight);
      },
      needsRehash: (stored) => stored.startsWith("old "),
      hash: (password) => hash?.() ?? Promise.resolve(`hash of ${password}`),
    },
    throttle: makeLogInThrottle({ clock }),
    log: { failure: (event) => void failures.push(event) },
  });
  return { check, hashed, replaced, failures, clock };
}

test("unknown user, no password and wrong password: one answer, and the hasher works for each", async () => {
  const { check, hashed } = make();
  const wrong = { ok: false, reason: "wrong" };
  expect(await check.atLogIn("nobody", "right", "192.0.2.1")).toEqual(wrong);
  expect(await check.atLogIn("bob", "right", "192.0.2.1")).toEqual(wrong);
  expect(await check.atLogIn("ann", "wrong", "192.0.2.1")).toEqual(wrong);
  expect(hashed).toEqual([null, null, "hash of right"]);
  expect(await check.atLogIn(" ANN ", "right", "192.0.2.1")).toMatchObject({
    ok: true,
    user: { user_id: "usr_ann" },
  });
});

test.each(["ann", "nobody"])(
  "whoever guesses at %s waits before anything is computed, also in many tries at once",
  async (name) => {
    const { check, hashed, clock } = make();
    const tries = await Promise.all(
      Array.from({ length: 20 }, () => check.atLogIn(name, "wrong", "192.0.2.1")),
    );
    const throttled = tries.filter((tried) => !tried.ok && tried.reason === "throttled");
    expect(throttled.length).toBeGreaterThan(10);
    expect(hashed.length + throttled.length).toBe(20);
    // Not even the right password is looked at meanwhile; from elsewhere it is.
    expect(await check.atLogIn("ann", "right", "198.51.100.1")).toMatchObject({ ok: true });
    clock.advance(60 * 60_000);
    expect(await check.atLogIn("ann", "right", "192.0.2.1")).toMatchObject({ ok: true });
  },
);

test("asked again by somebody who is logged in, guessing waits too", async () => {
  const { check } = make();
  expect(await check.again("usr_ann", "right", "192.0.2.1")).toMatchObject({ ok: true });
  const reasons = [];
  for (let count = 0; count < 6; count += 1) {
    const tried = await check.again("usr_ann", "wrong", "192.0.2.1");
    reasons.push(tried.ok ? "ok" : tried.reason);
  }
  expect(reasons.slice(0, 3)).toEqual(["wrong", "wrong", "wrong"]);
  expect(reasons.at(-1)).toBe("throttled");
});

test("a hasher that is busy makes people come again, another fault is one", async () => {
  const busy = make(() => Promise.reject(new HasherBusyError()));
  expect(await busy.check.atLogIn("ann", "right", "192.0.2.1")).toEqual({
    ok: false,
    reason: "throttled",
    retryAfterMs: 1_000,
  });
  const broken = make(() => Promise.reject(new Error("out of memory")));
  await expect(broken.check.atLogIn("ann", "right", "192.0.2.1")).rejects.toThrow("out of memory");
});

test("a hub that is busy counts against nobody, however often they come", async () => {
  let isBusy = true;
  const { check } = make(() =>
    isBusy ? Promise.reject(new HasherBusyError()) : Promise.resolve(true),
  );
  for (let time = 0; time < 40; time += 1) {
    expect(await check.atLogIn("ann", "right", "192.0.2.1")).toMatchObject({ retryAfterMs: 1_000 });
  }
  isBusy = false;
  expect(await check.atLogIn("ann", "right", "192.0.2.1")).toMatchObject({ ok: true });
});

test("a hub that is busy forgives no wrong password either", async () => {
  let isBusy = false;
  const { check } = make(() =>
    isBusy ? Promise.reject(new HasherBusyError()) : Promise.resolve(false),
  );
  for (let time = 0; time < 3; time += 1) await check.atLogIn("ann", "wrong", "192.0.2.1");
  isBusy = true;
  expect(await check.atLogIn("ann", "wrong", "192.0.2.1")).toMatchObject({ retryAfterMs: 1_000 });
  isBusy = false;
  expect(await check.atLogIn("ann", "wrong", "192.0.2.1")).toMatchObject({ reason: "wrong" });
  expect(await check.atLogIn("ann", "right", "192.0.2.1")).toMatchObject({ reason: "throttled" });
});

test("a hash of older parameters is replaced after a password that was right, and nobody waits for it", async () => {
  const hashing = Promise.withResolvers<string>();
  const { check, replaced } = make(undefined, () => hashing.promise);
  expect(await check.atLogIn("cem", "wrong", "192.0.2.1")).toMatchObject({ ok: false });
  expect(await check.atLogIn("ann", "right", "192.0.2.1")).toMatchObject({ ok: true });
  expect(await check.atLogIn("cem", "right", "192.0.2.1")).toMatchObject({ ok: true });
  expect(replaced).toEqual([]);
  hashing.resolve("new hash");
  await vi.waitUntil(() => replaced.length > 0);
  expect(replaced).toEqual([["usr_cem", "old hash of right", "new hash"]]);
});

test.each([
  ["a hasher that is busy is asked again at the next log-in", new HasherBusyError(), []],
  ["another fault is logged", new Error("out of memory"), ["password not hashed anew"]],
])("hashing anew never fails a log-in: %s", async (_name, error, logged) => {
  const { check, replaced, failures } = make(undefined, () => Promise.reject(error));
  expect(await check.atLogIn("cem", "right", "192.0.2.1")).toMatchObject({ ok: true });
  await new Promise((resolve) => setImmediate(resolve));
  expect([replaced, failures]).toEqual([[], logged]);
});
