import { expect, test } from "vitest";
import { makeHeldRevocations } from "./held-revocations.ts";
import { trustBounds } from "./trust-store.ts";

const bytes = (at: number): Uint8Array => new Uint8Array([at >> 8, at & 255]);

function setUp() {
  const held = makeHeldRevocations();
  let count = 0;
  const hold = (issuerId: string): void => {
    held.hold(`statement-${count}`, issuerId, bytes(count));
    count += 1;
  };
  const numbers = (): number[] => held.list().map(([high = 0, low = 0]) => high * 256 + low);
  return { held, hold, numbers };
}

test("one issuer has few places, and its own oldest makes room", () => {
  const { held, hold, numbers } = setUp();
  hold("genuine");
  for (let count = 0; count < trustBounds.heldRevocationsPerIssuer; count += 1) hold("noise");
  expect(held.takeCrowdedOut()).toBe(false);
  hold("noise");
  expect(numbers()).toEqual([0, 2, 3, 4, 5]);
  expect([held.takeCrowdedOut(), held.takeCrowdedOut()]).toEqual([true, false]);
});

test("where all places are taken, whoever has the most makes room", () => {
  const { hold, numbers } = setUp();
  hold("genuine");
  const issuers = trustBounds.heldRevocations / trustBounds.heldRevocationsPerIssuer;
  for (let issuer = 0; issuer < issuers; issuer += 1) {
    for (let count = 0; count < trustBounds.heldRevocationsPerIssuer; count += 1) {
      hold(`noise-${issuer}`);
    }
  }
  expect(numbers()).toHaveLength(trustBounds.heldRevocations);
  expect(numbers()).toContain(0);
});

test("what had to go for so many issuers that each has one place is told", () => {
  const { held, hold, numbers } = setUp();
  for (let issuer = 0; issuer <= trustBounds.heldRevocations; issuer += 1) hold(`noise-${issuer}`);
  expect(numbers()).toHaveLength(trustBounds.heldRevocations);
  expect(numbers()).not.toContain(0);
  expect(held.takeCrowdedOut()).toBe(true);
});

test("the same statement takes one place, and only its very bytes are the same", () => {
  const { held, numbers } = setUp();
  held.hold("one", "issuer", bytes(1));
  held.hold("one", "issuer", bytes(2));
  expect(numbers()).toEqual([1]);
  expect([held.has("one", bytes(1)), held.has("one", bytes(2))]).toEqual([true, false]);
  held.drop("one");
  expect(held.list()).toEqual([]);
});
