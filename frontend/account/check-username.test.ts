import { expect, it } from "vitest";
import { checkUsername } from "./check-username.ts";

it.each(["a", "ada", "ada-lovelace", "7of9", "x".repeat(32)])("%s is one", (name) => {
  expect(checkUsername(name)).toBeUndefined();
});

it.each(["", "-a", "a-", "a--b", "Ada", "a b", "a_b", "ä", "x".repeat(33)])(
  "%s is none",
  (name) => {
    expect(checkUsername(name)).toMatch(/\.$/);
  },
);
