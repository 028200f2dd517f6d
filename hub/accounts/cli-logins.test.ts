import { randomBytes } from "node:crypto";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeCliLogins } from "./cli-logins.ts";

const place = { address: "192.0.2.1", userAgent: "leapmux", isCli: true };
const approval = { state: "approved", userId: "usr_1", epoch: 3, approvedBy: "lgn_1" } as const;

function make(maxWaiting = 3, maxPerNetwork = 3) {
  const clock = makeManualClock();
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const logins = makeCliLogins({ clock, random, maxWaiting, maxPerNetwork });
  const start = (address = place.address) => {
    const started = logins.start({ ...place, address });
    if (started === null) throw new Error("too many wait");
    return started;
  };
  return { clock, logins, start };
}

test("an approval is given out once, to whoever has the device code", () => {
  const { logins, start } = make();
  const { deviceCode, userCode } = start();
  const other = start();
  expect(userCode).toMatch(/^[B-DF-HJ-NP-TV-XZ2-79]{4}-[B-DF-HJ-NP-TV-XZ2-79]{4}$/);
  expect(deviceCode).toMatch(/^lmd_[\w-]{43}$/);
  expect(logins.poll(deviceCode)).toEqual({ state: "waiting" });
  const typed = userCode.toLowerCase().replace("-", " ");
  expect(logins.find(typed)).toMatchObject({ ...place, leftMs: 600_000 });
  expect(logins.answer(typed, approval)).toBe(true);
  // Nobody changes an answer, and the code leads nowhere any more.
  expect(logins.answer(userCode, { state: "denied" })).toBe(false);
  expect(logins.find(userCode)).toBeUndefined();
  expect(logins.poll(deviceCode)).toEqual({ ...approval, place });
  expect(logins.poll(deviceCode)).toEqual({ state: "expired" });
  expect(logins.poll(other.deviceCode)).toEqual({ state: "waiting" });
});

test("a denial is told once, an unknown or late code is expired", () => {
  const { clock, logins, start } = make();
  const first = start();
  logins.answer(first.userCode, { state: "denied" });
  expect(logins.poll(first.deviceCode)).toEqual({ state: "denied" });
  expect(logins.poll("lmd_unknown")).toEqual({ state: "expired" });
  const second = start();
  clock.advance(600_000);
  expect(logins.answer(second.userCode, approval)).toBe(false);
  expect(logins.poll(second.deviceCode)).toEqual({ state: "expired" });
});

test("only so many of one network wait at once, whichever of its addresses they come from", () => {
  const { clock, logins, start } = make(9, 2);
  start("2001:db8::1");
  start("2001:db8::2");
  expect(logins.start({ ...place, address: "2001:db8::3" })).toBeNull();
  start("2001:db8:0:1::3");
  clock.advance(600_000);
  start("2001:db8::3");
});

test("whoever fills the list loses the oldest of its own, and nobody else is kept out", () => {
  const { logins, start } = make(4, 3);
  const early = start("198.51.100.1");
  const crowd = ["192.0.2.1", "192.0.2.1", "192.0.2.1"].map((address) => start(address));
  const late = start("198.51.100.2");
  expect([early, ...crowd, late].map(({ deviceCode }) => logins.poll(deviceCode).state)).toEqual([
    "waiting",
    "expired",
    "waiting",
    "waiting",
    "waiting",
  ]);
  expect(logins.find(crowd[0]?.userCode ?? "")).toBeUndefined();
});

test.each(["", "----", "x".repeat(10_000), "💥".repeat(50), "BCDF-GHJK"])(
  "a code that nobody has leads nowhere: %j",
  (code) => {
    const { logins, start } = make();
    start();
    expect(logins.find(code)).toBeUndefined();
    expect(logins.answer(code, approval)).toBe(false);
  },
);
