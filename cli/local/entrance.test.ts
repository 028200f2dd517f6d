import { expect, test } from "vitest";
import { makeEntrance } from "./entrance.ts";

test("a cookie is known among others, and only under its own name", () => {
  const entrance = makeEntrance({ port: 5 });
  const value = entrance.enter(entrance.makeSecret()) ?? "";
  expect(entrance.knows(`a=b; leapmux-open-5=${value}; c=d`)).toBe(true);
  expect(entrance.knows(`leapmux-open-5=x; leapmux-open-5=${value}`)).toBe(true);
  for (const header of [undefined, "", value, `leapmux-open-6=${value}`, "leapmux-open-5="]) {
    expect(entrance.knows(header)).toBe(false);
  }
});

test("before a secret is made nobody gets in, not even with nothing", () => {
  const entrance = makeEntrance({ port: 5 });
  expect(entrance.enter("")).toBeNull();
});

test("of very many browsers the oldest has to be let in again", () => {
  const entrance = makeEntrance({ port: 5 });
  const values = Array.from({ length: 65 }, () => entrance.enter(entrance.makeSecret()) ?? "");
  const known = values.map((value) => entrance.knows(`leapmux-open-5=${value}`));
  expect(known).toEqual([false, ...Array.from({ length: 64 }, () => true)]);
});
