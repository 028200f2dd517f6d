import { describe, expect, test } from "vitest";
import { encodePrologue } from "./prologue.ts";

describe("encodePrologue", () => {
  test("lays out label, mode and both ids with their lengths", () => {
    const text = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);
    expect(text(encodePrologue("classic", "w1", "chan"))).toBe("leapmux-e2ee-v1\x01\x02w1\x04chan");
    expect(text(encodePrologue("post-quantum", "w1", "chan"))).toBe(
      "leapmux-e2ee-v1\x02\x02w1\x04chan",
    );
  });

  test("takes ids up to 64 ASCII characters and refuses anything else", () => {
    expect(encodePrologue("classic", "w".repeat(64), "c".repeat(64))).toHaveLength(15 + 1 + 130);
    expect(encodePrologue("classic", "w".repeat(65), "c")).toBeNull();
    expect(encodePrologue("classic", "w", "c".repeat(65))).toBeNull();
    expect(encodePrologue("classic", "wörker", "c")).toBeNull();
    expect(encodePrologue("classic", "w", "\u{1f600}")).toBeNull();
  });

  test("two different pairs of ids never give the same bytes", () => {
    expect(encodePrologue("classic", "ab", "c")).not.toEqual(encodePrologue("classic", "a", "bc"));
  });
});
