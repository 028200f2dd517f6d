import fc from "fast-check";
import { expect, test } from "vitest";
import { acceptInput, maxInputBytes } from "./accept-input.ts";

test("whatever is sent again, each byte is taken once and in order", () => {
  const sends = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sends, (ranges) => {
      const source = Buffer.from(Array.from({ length: 100 }, (_, index) => index));
      const taken: Uint8Array[] = [];
      let accepted = 0;
      for (const [offset, length] of ranges) {
        const data = source.subarray(offset, offset + length);
        const result = acceptInput(accepted, BigInt(offset), data);
        expect(result.ok).toBe(offset <= accepted);
        if (!result.ok) continue;
        taken.push(result.data);
        accepted = result.accepted;
      }
      expect(Buffer.concat(taken).equals(source.subarray(0, accepted))).toBe(true);
    }),
  );
});

test("more than a message may carry is refused", () => {
  const data = new Uint8Array(maxInputBytes + 1);
  expect(acceptInput(0, 0n, data)).toEqual({ ok: false, reason: "too_large" });
  expect(acceptInput(0, 0n, data.subarray(1)).ok).toBe(true);
});

test("an offset beyond all numbers is a gap", () => {
  expect(acceptInput(5, 2n ** 64n - 1n, Uint8Array.of(1))).toEqual({ ok: false, reason: "gap" });
});
