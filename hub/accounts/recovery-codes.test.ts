import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { makeKeyedHash } from "../store/keyed-hash.ts";
import { hashRecoveryCode, makeRecoveryCodes } from "./recovery-codes.ts";

const keyedHash = makeKeyedHash(new Uint8Array(32).fill(1));
const hash = (code: string, userId = "usr_1") => hashRecoveryCode(keyedHash, userId, code);

test("ten different codes that can be read out over a telephone", () => {
  const codes = makeRecoveryCodes((length) => new Uint8Array(randomBytes(length)));
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$/);
    expect(hash(code)).toMatch(/^[\w-]{43}$/);
  }
});

test("case, dashes, blanks and misread letters do not matter", () => {
  const stored = hash("01AB-CD10-Z9");
  for (const typed of ["01abcd10z9", " 01AB CD10 Z9 ", "OIab-cdlo-z9", "oLAB-CDi0-Z9"]) {
    expect(hash(typed)).toBe(stored);
  }
});

test("another user, another code and another key have other hashes", () => {
  const stored = hash("01AB-CD10-Z9");
  expect(hash("01AB-CD10-Z9", "usr_2")).not.toBe(stored);
  expect(hash("01AB-CD10-Z8")).not.toBe(stored);
  const other = makeKeyedHash(new Uint8Array(32).fill(2));
  expect(hashRecoveryCode(other, "usr_1", "01AB-CD10-Z9")).not.toBe(stored);
});

test.each(["", "01AB-CD10-Z", "01AB-CD10-Z99", "01AB-CD10-ZU", "01AB-CD10-Z!", "-".repeat(5_000)])(
  "%j is no code",
  (typed) => expect(hash(typed)).toBeNull(),
);
