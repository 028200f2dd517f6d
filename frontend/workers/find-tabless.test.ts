import { expect, test } from "vitest";
import { findTabless } from "./find-tabless.ts";

const [a, b, c] = ["a", "b", "c"].map((id) => ({ id })) as [
  { id: string },
  { id: string },
  { id: string },
];
const known = {
  terminals: [a, b, c],
  isComplete: true,
  tabs: [[{ id: "a" }], [{ id: "x" }]],
  isClosing: () => false,
};

test("what no workspace has a tab for", () => {
  expect(findTabless(known)).toEqual([b, c]);
  expect(findTabless({ ...known, tabs: [[a], [b, c]] })).toEqual([]);
  expect(findTabless({ ...known, tabs: [] })).toEqual([a, b, c]);
});

test("unknown while a workspace is not loaded or the worker did not tell all", () => {
  expect(findTabless({ ...known, tabs: [[a], undefined] })).toBeUndefined();
  expect(findTabless({ ...known, isComplete: false })).toBeUndefined();
});

test("what is being ended is not lost", () => {
  expect(findTabless({ ...known, isClosing: (id) => id === "b" })).toEqual([c]);
});
