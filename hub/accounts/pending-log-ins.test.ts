import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeUser } from "../test-support/make-user.ts";
import { makePendingLogIns } from "./pending-log-ins.ts";

const ann = { ...makeUser("ann"), epoch: 7, last_seen_at_ms: 0 };

test("a challenge is good for five tries within five minutes", () => {
  const clock = makeManualClock();
  const pending = makePendingLogIns(clock);
  pending.add("c1", ann);
  const tries = Array.from({ length: 6 }, () => pending.attempt("c1")?.epoch);
  expect(tries).toEqual([7, 7, 7, 7, 7, undefined]);
  expect(pending.attempt("c1")).toBeUndefined();

  pending.add("c2", ann);
  clock.advance(5 * 60_000 - 1);
  expect(pending.attempt("c2")).toMatchObject({ user_id: "usr_ann" });
  clock.advance(1);
  expect(pending.attempt("c2")).toBeUndefined();
});

test("one that was used up or never was is unknown, and memory is bounded", () => {
  const pending = makePendingLogIns(makeManualClock());
  pending.add("c1", ann);
  pending.remove("c1");
  expect(pending.attempt("c1")).toBeUndefined();
  for (let count = 0; count <= 10_000; count += 1) pending.add(`many ${count}`, ann);
  expect(pending.attempt("many 0")).toBeUndefined();
  expect(pending.attempt("many 10000")).toBeDefined();
});
