import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { endRegistration } from "./end-registration.ts";

function setUp(fails: readonly ("wipe" | "forget" | "shells")[] = []) {
  const done: string[] = [];
  const log: string[] = [];
  const step = (name: "wipe" | "forget" | "shells") => () => {
    done.push(name);
    if (fails.includes(name)) throw new Error(`no ${name}`);
  };
  const end = () =>
    endRegistration({
      takeCredentials: step("wipe"),
      forgetDevices: async () => step("forget")(),
      stopTerminals: async () => step("shells")(),
      logger: pino({ level: "error" }, { write: (line) => log.push(line) }),
    });
  return { end, done, log };
}

test("the credentials go before anything that takes time", async () => {
  const { end, done, log } = setUp();
  expect(await end()).toBe(true);
  expect(done).toEqual(["wipe", "forget", "shells"]);
  expect(log).toEqual([]);
});

test("shells that do not end keep no key", async () => {
  const { end, done, log } = setUp(["shells"]);
  expect(await end()).toBe(true);
  expect(done).toContain("wipe");
  expect(log).toHaveLength(1);
  const takeCredentials = vi.fn<() => void>();
  void endRegistration({
    takeCredentials,
    forgetDevices: () => new Promise(() => undefined),
    stopTerminals: () => new Promise(() => undefined),
    logger: pino({ level: "silent" }),
  });
  expect(takeCredentials).toHaveBeenCalledOnce();
});

test("what could not be removed is said, and everything else goes all the same", async () => {
  for (const failing of ["wipe", "forget"] as const) {
    const { end, done, log } = setUp([failing]);
    expect(await end()).toBe(false);
    expect(done).toEqual(["wipe", "forget", "shells"]);
    expect(log).toHaveLength(1);
  }
});
