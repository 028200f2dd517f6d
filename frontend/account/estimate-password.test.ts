import { expect, it } from "vitest";
import { estimatePassword } from "./estimate-password.ts";

it("says nothing of nothing, and how many characters are missing", () => {
  expect(estimatePassword("")).toBeUndefined();
  expect(estimatePassword("a1!B")).toEqual({
    score: 0,
    text: "Too short: at least 8 characters.",
  });
  // Characters are counted, not code units.
  expect(estimatePassword("🔑🔑🔑🔑🔑🔑🔑")?.text).toMatch(/Too short/);
});

it.each([
  "aaaaaaaaaaaa",
  "12345678",
  "abcdefgh",
  "password1",
  "Password123",
  "qwerty123",
  "leapmux2026",
])("%s is easily guessed", (password) => expect(estimatePassword(password)?.score).toBe(0));

it.each(["correct horse battery staple", "Vq7!dk2Xp9@w", "tulpe regal nebel anker"])(
  "%s is good or strong",
  (password) => expect(estimatePassword(password)?.score).toBeGreaterThanOrEqual(3),
);

it("does not count what others know of the person", () => {
  const names = ["ada-lovelace", "Ada Lovelace"];
  expect(estimatePassword("ada-lovelace1", names)?.score).toBe(0);
  expect(estimatePassword("ada-lovelace1")?.score).toBeGreaterThan(0);
});
