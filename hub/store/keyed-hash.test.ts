import { expect, test } from "vitest";
import { makeKeyedHash } from "./keyed-hash.ts";

test("matches the secret alone, under its key alone", () => {
  const first = makeKeyedHash(new Uint8Array(32).fill(1));
  const second = makeKeyedHash(new Uint8Array(32).fill(2));
  const hash = first.hash("lmw_secret");
  expect(first.matches("lmw_secret", hash)).toBe(true);
  expect(first.matches("lmw_Secret", hash)).toBe(false);
  expect(second.matches("lmw_secret", hash)).toBe(false);
  expect(first.matches("lmw_secret", "")).toBe(false);
  expect(hash).not.toContain("secret");
});
