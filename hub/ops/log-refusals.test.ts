import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeLogRefusal } from "./log-refusals.ts";

test("a flood of refusals is counted, not written", () => {
  const clock = makeManualClock();
  const lines: string[] = [];
  const write = (event: string, fields?: object): void =>
    void lines.push(`${event} ${JSON.stringify(fields)}`);
  const logRefusal = makeLogRefusal({ info: write, warn: write, failure: write }, clock);
  for (let count = 0; count < 1_000; count += 1) logRefusal("refused", { code: "421" });
  expect(lines).toHaveLength(10);
  clock.advance(60_000);
  logRefusal("refused", { code: "403" });
  expect(lines.slice(10)).toEqual(['more refusals {"count":990}', 'refused {"code":"403"}']);
});
