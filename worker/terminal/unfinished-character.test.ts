import fc from "fast-check";
import { expect, test } from "vitest";
import { countUnfinishedBytes } from "./unfinished-character.ts";

test("text cut anywhere is whole again without its unfinished bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, seed) => {
      const bytes = Buffer.from(text);
      const cut = bytes.subarray(0, bytes.length === 0 ? 0 : seed % (bytes.length + 1));
      const whole = cut.subarray(0, cut.length - countUnfinishedBytes(cut));
      expect(() => new TextDecoder("utf-8", { fatal: true }).decode(whole)).not.toThrow();
      expect(cut.length - whole.length).toBeLessThan(4);
    }),
  );
});

test("bytes that are no text are held back for nothing", () => {
  expect(countUnfinishedBytes(Uint8Array.of(0x80, 0x80, 0x80, 0x80))).toBe(0);
  expect(countUnfinishedBytes(Uint8Array.of(0xff))).toBe(0);
  expect(countUnfinishedBytes(Uint8Array.of(0xc0))).toBe(0);
  expect(countUnfinishedBytes(Uint8Array.of(0xe2, 0x41))).toBe(0);
  expect(countUnfinishedBytes(Uint8Array.of(0xe2, 0x80))).toBe(2);
});
