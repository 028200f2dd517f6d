import fc from "fast-check";
import { expect, test } from "vitest";
import { makeOutputLog } from "./output-log.ts";

function readAll(log: ReturnType<typeof makeOutputLog>, from: number): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = from; ;) {
    const part = log.read(at, 50_000);
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
    at += part.length;
  }
}

test("reading from any offset gives what was appended from there on", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(70_000), { maxLength: 8 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (sizes, part) => {
        const log = makeOutputLog();
        const all = Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index + 1)));
        let at = 0;
        for (const size of sizes) log.append(all.subarray(at, (at += size)));
        const from = Math.floor(part * all.length);
        expect(readAll(log, from).equals(all.subarray(from))).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test("trimming keeps what is asked for and what is needed", () => {
  const log = makeOutputLog();
  log.append(new Uint8Array(1_000_000).fill(7));
  log.trim(100_000, 400_000);
  expect(log.start).toBeLessThanOrEqual(400_000);
  expect(log.start).toBeGreaterThan(400_000 - 65_536);
  log.trim(100_000, log.end);
  expect(log.start).toBeGreaterThan(900_000 - 65_536);
  expect(log.end).toBe(1_000_000);
  expect(readAll(log, log.start).length).toBe(log.end - log.start);
});

test("a view of old output stays as it was while new output comes", () => {
  const log = makeOutputLog();
  log.append(Buffer.from("old"));
  const view = log.read(0, 3);
  log.append(new Uint8Array(200_000).fill(1));
  log.trim(0, log.end);
  expect(Buffer.from(view).toString()).toBe("old");
});
