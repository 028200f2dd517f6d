import { expect, test } from "vitest";
import {
  describeAction,
  describeActor,
  describeDetail,
  describeTarget,
  describeVerdict,
} from "./describe-audit.ts";

const usernames = new Map([["usr_1", "grace"]]);

test("who did what to which, in words", () => {
  expect(describeActor({ actorKind: "login", actorId: "usr_1" }, usernames)).toBe("grace");
  expect(describeActor({ actorKind: "token", actorId: "usr_gone" }, usernames)).toBe("usr_gone");
  expect(describeActor({ actorKind: "console", actorId: "" }, usernames)).toBe("console");
  expect(describeActor({ actorKind: "toString", actorId: "" }, usernames)).toBe("toString");
  expect(describeAction("encryption_key.rotated")).toBe("Encryption key: rotated");
  expect(describeTarget({ targetKind: "none", targetId: "" }, usernames)).toBe("");
  expect(describeTarget({ targetKind: "user", targetId: "usr_1" }, usernames)).toBe("user grace");
  expect(describeTarget({ targetKind: "setting", targetId: "" }, usernames)).toBe("setting");
});

test("details that are no object of ours stand as they are", () => {
  expect(describeDetail('{"count":3,"reason":"throttled"}')).toBe("count: 3, reason: throttled");
  expect(describeDetail("{}")).toBe("");
  expect(describeDetail('{"user":""}')).toBe("");
  expect(describeDetail("{")).toBe("{");
  expect(describeDetail("[1]")).toBe("[1]");
});

test("a verdict says where and what, also for a problem of a later hub", () => {
  const at = { sequence: 0n, through: 0n, entries: 0n, signedSequence: 0n };
  expect(describeVerdict({ ...at, problem: "", entries: 12n, signedSequence: 11n })).toEqual({
    isFine: true,
    text: "12 entries, signed up to 11. Nothing was altered, removed or inserted.",
  });
  expect(describeVerdict({ ...at, problem: "altered", sequence: 4n, through: 4n }).text).toMatch(
    /^Entry 4: not what was written\./,
  );
  const strange = describeVerdict({ ...at, problem: "constructor", sequence: 4n, through: 9n });
  expect(strange.isFine).toBe(false);
  expect(strange.text).toMatch(/^Entries 4 to 9: not right \(constructor\)\./);
});
