import { expect, test } from "vitest";
import { derivePort, makeLabel } from "./choose-address.ts";

test("a port follows from the hub, outside of what systems hand out by themselves", () => {
  expect(derivePort("https://hub.example")).toBe(derivePort("https://hub.example"));
  const ports = new Set<number>();
  for (let each = 0; each < 200; each += 1) ports.add(derivePort(`https://hub-${each}.example`));
  expect(ports.size).toBeGreaterThan(180);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(21_000);
  expect(Math.max(...ports)).toBeLessThan(31_000);
});

test("a label is a name that nobody guesses", () => {
  expect(makeLabel()).toMatch(/^lm-[0-9a-f]{20}$/);
  expect(makeLabel()).not.toBe(makeLabel());
});
