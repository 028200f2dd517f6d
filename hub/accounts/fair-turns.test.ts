import { expect, test } from "vitest";
import { makeFairTurns, NoTurnError, type TurnCaller } from "./fair-turns.ts";

/** Works that end when they are told to; `begun` says in which order they were let in. */
function start(
  options: Partial<{ concurrent: number; networks: number; perNetwork: number; accounts: number }>,
) {
  const { concurrent = 1, networks = 100, perNetwork = 100, accounts = 100 } = options;
  const turns = makeFairTurns({
    maxConcurrent: concurrent,
    networks: { maxQueued: networks, maxQueuedPerCaller: perNetwork },
    accounts: { maxQueued: accounts, maxQueuedPerCaller: 2 },
  });
  const begun: string[] = [];
  const running: (() => void)[] = [];
  const refused: string[] = [];
  const come = (name: string, kind: TurnCaller["kind"] = "network") => {
    const work = () => {
      begun.push(name);
      return new Promise<void>((resolve) => running.push(resolve));
    };
    turns.run({ kind, key: name.replace(/\d+$/, "") }, work).catch((error: unknown) => {
      expect(error).toBeInstanceOf(NoTurnError);
      refused.push(name);
    });
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  async function finish() {
    for (await settle(); running.length > 0; await settle()) running.shift()?.();
  }
  return { come, begun, refused, running, settle, finish };
}

const flood = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${name}${at + 1}`);

test("a newcomer's first goes before a flooder's tenth, and each keeps its own order", async () => {
  const { come, begun, finish } = start({});
  for (const name of flood("flood", 12)) come(name);
  come("new1");
  come("new2");
  await finish();
  expect(begun.slice(0, 5)).toEqual(["flood1", "flood2", "new1", "flood3", "new2"]);
  expect(begun).toHaveLength(14);
});

test("one who comes back is behind those who wait once, not before them", async () => {
  const { come, begun, running, settle, finish } = start({});
  for (const name of ["a1", "b1", "c1"]) come(name);
  await settle();
  running.shift()?.();
  await settle();
  come("a2");
  await finish();
  expect(begun).toEqual(["a1", "b1", "c1", "a2"]);
});

test("a full room makes place for a newcomer at the cost of whoever fills it", async () => {
  const { come, begun, refused, finish } = start({ networks: 4 });
  for (const name of flood("flood", 6)) come(name);
  come("new1");
  await finish();
  expect(refused).toEqual(["flood6", "flood5"]);
  expect(begun).toEqual(["flood1", "flood2", "new1", "flood3", "flood4"]);
});

test("no caller has more than its own room, and nothing has more than the whole", async () => {
  const { come, begun, refused, finish } = start({ networks: 3, perNetwork: 2 });
  for (const name of flood("flood", 5)) come(name);
  for (const name of ["b1", "c1", "d1"]) come(name);
  await finish();
  // The third gave way to the first of another; among first ones counts who came first.
  expect(refused).toEqual(["flood4", "flood5", "flood3", "d1"]);
  expect(begun).toEqual(["flood1", "flood2", "b1", "c1"]);
});

test("accounts have a room of their own and every second turn, however many strangers come", async () => {
  const { come, begun, refused, finish } = start({ networks: 4 });
  for (const name of "abcdefgh") come(name);
  for (const name of ["ann1", "ann2", "ann3", "bob1"]) come(name, "account");
  await finish();
  expect(refused.sort()).toEqual(["ann3", "f", "g", "h"]);
  expect(begun).toEqual(["a", "ann1", "b", "bob1", "c", "ann2", "d", "e"]);
});

test("so many run at once and no more; a work that fails gives its place back", async () => {
  const { come, begun, settle, finish } = start({ concurrent: 2 });
  for (const name of ["a", "b", "c"]) come(name);
  await settle();
  expect(begun).toEqual(["a", "b"]);
  await finish();
  expect(begun).toEqual(["a", "b", "c"]);

  const turns = makeFairTurns({
    maxConcurrent: 1,
    networks: { maxQueued: 0, maxQueuedPerCaller: 0 },
    accounts: { maxQueued: 0, maxQueuedPerCaller: 0 },
  });
  const caller = { kind: "network", key: "a" } as const;
  const failing = turns.run(caller, () => Promise.reject(new Error("out of memory")));
  await expect(failing).rejects.toThrow("out of memory");
  expect(await turns.run(caller, () => Promise.resolve(7))).toBe(7);
});
