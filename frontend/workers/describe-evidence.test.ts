import { expect, test } from "vitest";
import { describeEvidence } from "./describe-evidence.ts";

test.each([
  ["channel_opened", "", 1n, "A window was connected"],
  ["opening_refused", "", 480n, "480 more openings were refused"],
  ["something_new", "", 1n, "something_new"],
])("%s is a sentence", (action, reason, count, sentence) => {
  expect(describeEvidence({ action, reason, count })).toBe(sentence);
});

test("a refusal says why", () => {
  const refused = { action: "opening_refused", count: 1n };
  expect(describeEvidence({ ...refused, reason: "device_not_trusted" })).toBe(
    "Refused: a device that it does not trust",
  );
  expect(describeEvidence({ ...refused, reason: "x_y" })).toBe("Refused: x y");
});
