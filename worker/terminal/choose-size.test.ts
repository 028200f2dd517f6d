import { expect, test } from "vitest";
import { chooseSizingView, isTerminalSize } from "./choose-size.ts";

test("the view that acted last decides; where nobody did, the first", () => {
  const desktop = { cols: 200, rows: 50, activity: 0 };
  const phone = { cols: 40, rows: 20, activity: 0 };
  expect(chooseSizingView([desktop, phone])).toBe(desktop);
  phone.activity = 1;
  expect(chooseSizingView([desktop, phone])).toBe(phone);
  desktop.activity = 2;
  expect(chooseSizingView([phone, desktop])).toBe(desktop);
  expect(chooseSizingView([])).toBeNull();
});

test("sizes are 1 to 1000", () => {
  expect(isTerminalSize(1, 1000)).toBe(true);
  for (const [cols, rows] of [
    [0, 1],
    [1, 0],
    [1001, 1],
    [1, 1001],
  ] as const) {
    expect(isTerminalSize(cols, rows)).toBe(false);
  }
});
