import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeLogInThrottle } from "./log-in-throttle.ts";

const minute = 60_000;

function start() {
  const clock = makeManualClock();
  const throttle = makeLogInThrottle({ clock });
  /** Wrong passwords one after the other, as fast as allowed, for so long; how many were tried. */
  const guess = (account: string, address: string, forMs: number): number => {
    let tries = 0;
    const untilMs = clock.now() + forMs;
    for (;;) {
      const attempt = throttle.attempt(account, address);
      if (attempt.ok) tries += 1;
      else if (clock.now() + attempt.retryAfterMs > untilMs) return tries;
      else clock.advance(attempt.retryAfterMs);
    }
  };
  return { clock, throttle, guess };
}

test("one guesser at one account soon waits five minutes each time", () => {
  const { guess } = start();
  expect(guess("ann", "192.0.2.1", 60 * minute)).toBeLessThan(25);
});

test("guessing at many accounts from one address, its own log-ins in between, is slowed as well", () => {
  const { throttle, guess } = start();
  for (let index = 0; index < 20; index += 1) {
    expect(throttle.attempt(`user-${index}`, "192.0.2.1").ok).toBe(true);
    // The guesser's own account is no way to start afresh.
    const own = throttle.attempt("mallory", "192.0.2.1");
    if (own.ok) own.succeeded();
  }
  expect(throttle.attempt("user-20", "192.0.2.1").ok).toBe(true);
  expect(throttle.attempt("user-21", "192.0.2.1")).toMatchObject({ ok: false });
  expect(guess("user-22", "192.0.2.1", 60 * minute)).toBeLessThan(25);
});

test("strangers cannot lock the owner out, whatever they do from however many addresses", () => {
  const { throttle, guess } = start();
  for (let host = 0; host < 200; host += 1) guess("ann", `198.51.100.${host}`, 0);
  const owner = throttle.attempt("ann", "192.0.2.1");
  expect(owner.ok).toBe(true);
  if (owner.ok) owner.succeeded();
  // And again, as soon as they like.
  expect(throttle.attempt("ann", "192.0.2.1").ok).toBe(true);
});

test("while an account is under attack each address gets a single try before it waits", () => {
  const { guess } = start();
  let tries = 0;
  for (let host = 0; host < 8; host += 1) tries += guess("ann", `198.51.100.${host}`, 0);
  expect(tries).toBe(31);
  for (let host = 8; host < 20; host += 1) {
    expect(guess("ann", `198.51.100.${host}`, 29_000)).toBe(1);
  }
  expect(guess("bob", "198.51.100.99", 0)).toBe(4);
});

test("tries at the same time count before any of them has failed", () => {
  const { throttle } = start();
  const attempts = Array.from({ length: 50 }, () => throttle.attempt("ann", "192.0.2.1"));
  expect(attempts.filter(({ ok }) => ok)).toHaveLength(4);
});

test("right passwords never add up to a delay", () => {
  const { throttle } = start();
  for (let time = 0; time < 200; time += 1) {
    const attempt = throttle.attempt("ann", "192.0.2.1");
    expect(attempt.ok).toBe(true);
    if (attempt.ok) attempt.succeeded();
  }
});

test.each([
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
  ["2001:db8::1", "2001:DB8:0:0:abcd::"],
  ["fe80::1%eth0", "fe80::2"],
  ["::1", "::ffff:0:0:1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
])("%s and %s are one address", (one, other) => {
  const { throttle } = start();
  for (let time = 0; time < 4; time += 1) throttle.attempt("ann", one);
  expect(throttle.attempt("ann", other).ok).toBe(false);
});

test("proofs that say whose they are count against their address alone", () => {
  const { throttle } = start();
  for (let host = 0; host < 40; host += 1) throttle.attemptOfAnybody(`198.51.100.${host}`);
  const outcomes = Array.from({ length: 22 }, () => throttle.attemptOfAnybody("192.0.2.1").ok);
  expect(outcomes.filter((ok) => ok)).toHaveLength(21);
  expect(throttle.attemptOfAnybody("192.0.2.1")).toMatchObject({ ok: false });
});

test("what was no try takes no delay away that others of the same account have earned", () => {
  const { throttle } = start();
  const attempts = Array.from({ length: 4 }, () => throttle.attempt("ann", "192.0.2.1"));
  expect(throttle.attempt("ann", "192.0.2.1").ok).toBe(false);
  const last = attempts.at(-1);
  if (last?.ok === true) last.withdrawn();
  expect(throttle.attempt("ann", "192.0.2.1").ok).toBe(true);
  expect(throttle.attempt("ann", "192.0.2.1").ok).toBe(false);
});

test("other networks are others", () => {
  const { throttle } = start();
  for (let time = 0; time < 4; time += 1) throttle.attempt("ann", "2001:db8:1:2::1");
  for (const other of ["2001:db8:1:3::1", "2001:db8::1:2:0:1", "192.0.2.1", "not an address"]) {
    expect(throttle.attempt("ann", other).ok).toBe(true);
  }
});
