import { expect, test } from "vitest";
import { maxCallHeaders } from "../limits/limits.ts";
import { decodeHeaders, encodeHeaders } from "./headers.ts";

const header = (name: string, value: string) =>
  ({ $typeName: "leapmux.sealed.v1.Header", name, value }) as const;

test("headers come back, but for the one that is left out", () => {
  const headers = new Headers([
    ["x-a", "1"],
    ["x-b", "2"],
  ]);
  expect(encodeHeaders(headers, "x-a")).toEqual([{ name: "x-b", value: "2" }]);
  const decoded = decodeHeaders(
    encodeHeaders(headers).map((each) => header(each.name, each.value)),
  );
  expect([...decoded]).toEqual([...headers]);
});

test("what is no header is left out", () => {
  const decoded = decodeHeaders([
    header("", "x"),
    header("a b", "x"),
    header("x-a", "1\n2"),
    header("x-b", "y"),
  ]);
  expect([...decoded]).toEqual([["x-b", "y"]]);
});

test("one header too many is left out", () => {
  const list = Array.from({ length: maxCallHeaders + 1 }, (_, i) => header(`x-${i}`, "1"));
  expect([...decodeHeaders(list)]).toHaveLength(maxCallHeaders);
  expect(decodeHeaders(list).has(`x-${maxCallHeaders}`)).toBe(false);
});
