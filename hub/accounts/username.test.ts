import { expect, test } from "vitest";
import { checkUsername } from "./username.ts";

test.each([
  ["ann", "ann"],
  [" Ann-Bee-3 ", "ann-bee-3"],
  ["a", "a"],
  ["7", "7"],
  ["x".repeat(32), "x".repeat(32)],
])("%j is %j", (text, username) => {
  expect(checkUsername(text, { isFirst: false })).toEqual({ ok: true, username });
});

test.each(["", " ", "-a", "a-", "a--b", "a_b", "ä", "a b", "a.b", "x".repeat(33), "a\nb", "аnn"])(
  "%j is refused",
  (text) => {
    expect(checkUsername(text, { isFirst: false })).toMatchObject({ ok: false });
  },
);

test("nobody is solo, and only the first is admin", () => {
  for (const isFirst of [true, false]) {
    expect(checkUsername("Solo", { isFirst }).ok).toBe(false);
    expect(checkUsername("Admin", { isFirst }).ok).toBe(isFirst);
  }
});
