import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { makePasskeyChallenges } from "./passkey-challenges.ts";

const random = (length: number) => new Uint8Array(randomBytes(length));

test("a challenge is good for five minutes and for one use", () => {
  const clock = makeManualClock(1_000.25);
  const challenges = makePasskeyChallenges({ clock, random });
  const [first, second] = [challenges.make(), challenges.make()];
  expect(first).not.toBe(second);
  expect(challenges.isGood(first)).toBe(true);
  expect(challenges.use(first)).toBe(true);
  expect([challenges.isGood(first), challenges.use(first)]).toEqual([false, false]);
  clock.advance(5 * 60_000 - 1);
  expect(challenges.isGood(second)).toBe(true);
  clock.advance(1);
  expect([challenges.isGood(second), challenges.use(second)]).toEqual([false, false]);
  expect(challenges.use(first)).toBe(false);
});

test("what another process or nobody made is refused, and so is every other text of the same bytes", () => {
  const clock = makeManualClock();
  const challenges = makePasskeyChallenges({ clock, random });
  expect(challenges.isGood(makePasskeyChallenges({ clock, random }).make())).toBe(false);
  const good = challenges.make();
  const bytes = Buffer.from(good, "base64url");
  for (let at = 0; at < bytes.length; at += 1) {
    const altered = Buffer.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(challenges.isGood(altered.toString("base64url")), `byte ${at}`).toBe(false);
  }
  for (const other of ["", `${good}=`, `${good} `, bytes.toString("base64"), good.repeat(1_000)]) {
    if (other !== good) expect(challenges.isGood(other)).toBe(false);
  }
  expect(challenges.isGood(good)).toBe(true);
});
