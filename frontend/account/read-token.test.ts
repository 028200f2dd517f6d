import { expect, it } from "vitest";
import { readToken } from "./read-token.ts";

const token = `lmi_${"Aa0_-".repeat(9).slice(0, 43)}`;

it("takes a token alone and a whole address", () => {
  expect(readToken(token)).toBe(token);
  expect(readToken(` https://hub.example/setup#${token}\n`)).toBe(token);
});

it("takes nothing else", () => {
  for (const text of [
    "",
    "lmi_",
    `${token}x`,
    token.slice(1),
    `x${token}`,
    `${token}#`,
    `https://hub.example/?${token}`,
  ]) {
    expect(readToken(text)).toBeUndefined();
  }
});
