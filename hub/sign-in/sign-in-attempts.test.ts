import { randomBytes } from "node:crypto";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeSignInAttempts } from "./sign-in-attempts.ts";

function start(limits: { maxSignIns?: number; maxSignInsPerNetwork?: number } = {}) {
  const clock = makeManualClock(0);
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const bounds = { maxSignIns: 100, maxSignInsPerNetwork: 10, ...limits };
  const attempts = makeSignInAttempts({ clock, random, ...bounds });
  const begin = (network = "192.0.2.1", browser = "b") => {
    const begun = { providerId: "p", browser, network, returnTo: "/", link: null };
    return attempts.begin(begun)?.state ?? "";
  };
  const take = (state: string, browser = "b", providerId = "p") =>
    attempts.take({ state, browser, providerId }) !== null;
  return { clock, attempts, begin, take };
}

test("an attempt is good once, for ten minutes", () => {
  const { clock, begin, take } = start();
  const [one, two, three] = [begin(), begin(), begin()];
  expect(new Set([one, two, three]).size).toBe(3);
  expect([take(one), take(one)]).toEqual([true, false]);
  clock.advance(10 * 60_000 - 1);
  expect(take(two)).toBe(true);
  clock.advance(1);
  expect(take(three)).toBe(false);
});

test("another browser gets nothing and spoils nothing; another provider ends it", () => {
  const { begin, take } = start();
  const [one, two] = [begin(), begin()];
  expect([take(one, "another"), take(one)]).toEqual([false, true]);
  expect([take(two, "b", "another"), take(two)]).toEqual([false, false]);
});

test("one network has only so many, and whoever fills the list loses what it put there", () => {
  const { begin, take } = start({ maxSignIns: 4, maxSignInsPerNetwork: 3 });
  const honest = begin("198.51.100.1");
  const [first] = [begin(), begin(), begin()];
  expect(begin()).toBe("");
  expect(begin("203.0.113.1")).not.toBe("");
  expect(take(honest)).toBe(true);
  expect(take(first)).toBe(false);
});

test("an answer that was posted is kept once, for the provider that was asked", () => {
  const { attempts, begin } = start();
  const state = begin();
  const answer = new URLSearchParams({ code: "one" });
  expect(attempts.keepAnswer(state, "another", answer)).toBe(false);
  expect(attempts.keepAnswer(state, "p", answer)).toBe(true);
  expect(attempts.keepAnswer(state, "p", new URLSearchParams({ code: "two" }))).toBe(false);
  const taken = attempts.take({ state, browser: "b", providerId: "p" });
  expect(taken?.answer?.get("code")).toBe("one");
});
