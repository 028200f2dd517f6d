import { expect, it } from "vitest";
import { later, loadParts } from "./later.ts";

it("loads once, and again only after a load that failed", async () => {
  let tries = 0;
  let isAway = true;
  const get = later(async () => {
    tries += 1;
    if (isAway) throw new Error("the hub is away");
    return "here";
  });

  await expect(Promise.all([get(), get()])).rejects.toThrow("away");
  expect(tries).toBe(1);
  // Nobody waits for it: not a failure either.
  await loadParts();
  expect(tries).toBe(2);

  isAway = false;
  await loadParts();
  await expect(Promise.all([get(), get()])).resolves.toEqual(["here", "here"]);
  await loadParts();
  expect(tries).toBe(3);
});
