import fc from "fast-check";
import { expect, it } from "vitest";
import { mayBeWide } from "./load-unicode.ts";

const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0, max: 0x400 })))
  .map((codes) => String.fromCodePoint(...codes));

it("asks for the tables exactly when a character needs more than Latin-1 and its neighbours", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const beyond = [...text].some((character) => character.codePointAt(0)! >= 0x300);
      // A lone surrogate is written as U+FFFD.
      expect(mayBeWide(new TextEncoder().encode(text))).toBe(beyond);
    }),
  );
});
