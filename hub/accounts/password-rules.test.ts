import { expect, test } from "vitest";
import { checkPassword } from "./password-rules.ts";

const check = (password: string, username = "superadmin") => checkPassword(password, { username });

test.each([
  "tr4vel bag 9",
  "ein Löwe im Schilf",
  "x".repeat(3) + "🦁".repeat(5),
  "ab🦁".repeat(42),
])("%s will do", (password) => expect(check(password)).toEqual({ ok: true }));

test.each([
  ["", /8 to 128/],
  ["seven77", /8 to 128/],
  // Seven characters in fourteen UTF-16 units.
  ["🦁".repeat(7), /8 to 128/],
  ["ab🦁".repeat(43), /8 to 128/],
  ["a".repeat(1_000_000), /8 to 128/],
  // One character of eighteen when it is normalised.
  ["\ufdfa".repeat(100), /8 to 128/],
  ["half a surrogate \ud800", /8 to 128/],
  ["password", /most common/],
  ["PassWord", /most common/],
  ["1qaz2wsx", /most common/],
  // Full-width letters are the same letters.
  ["ｐａｓｓｗｏｒｄ", /most common/],
  ["SuperAdmin", /user name/],
])("%j is refused", (password, message) => {
  expect(check(password)).toMatchObject({ ok: false, message: expect.stringMatching(message) });
});

test("no message repeats the password", () => {
  for (const password of ["iloveyou", "superadmin", "short1"]) {
    const checked = check(password);
    expect(checked.ok).toBe(false);
    expect(JSON.stringify(checked)).not.toContain(password);
  }
});
