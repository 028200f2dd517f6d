import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { countKeyUses, sealedPlace } from "../store/sealed-columns.ts";
import { makeUser } from "../test-support/make-user.ts";
import { random, startKeys } from "../test-support/start-keys.ts";
import { makeKeyOperations } from "./key-operations.ts";
import { makeKeystore } from "./keystore.ts";
import type { ReencryptProgress } from "./reencrypt.ts";

type Keys = Awaited<ReturnType<typeof startKeys>>;
let keys: Keys;
beforeEach(async () => (keys = await startKeys()));
afterEach(() => keys.close());

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `usr_${String(index).padStart(4, "0")}`);
const asIs = (userIds: readonly string[]) => Object.fromEntries(userIds.map((id) => [id, id]));

async function all(progress: AsyncIterable<ReencryptProgress>): Promise<ReencryptProgress[]> {
  const seen: ReencryptProgress[] = [];
  for await (const each of progress) seen.push(each);
  return seen;
}

test("rotate, reencrypt, remove: everything opens at every step, and the old key goes", async () => {
  const users = names(250);
  await keys.seal(users);
  expect(await keys.operations.rotate()).toBe(2);
  expect(await keys.open()).toEqual(asIs(users));
  const status = await keys.operations.status();
  expect(status).toMatchObject({
    activeVersion: 2,
    wrapped: "none",
    keys: [
      { version: 2, madeAtMs: keys.clock.wallMs(), uses: [] },
      { version: 1, madeAtMs: keys.clock.wallMs(), uses: [{ table: "totp", count: 250 }] },
    ],
    lost: [],
  });
  expect(await keys.operations.remove(1)).toEqual({
    ok: false,
    reason: "used",
    uses: [{ table: "totp", column: "secret", version: 1, count: 250 }],
  });

  const progress = await all(keys.operations.reencrypt());
  expect(progress).toEqual([
    { done: 0, left: 250, unreadable: 0 },
    { done: 100, left: 150, unreadable: 0 },
    { done: 200, left: 50, unreadable: 0 },
    { done: 250, left: 0, unreadable: 0 },
    { done: 250, left: 0, unreadable: 0 },
  ]);
  keys.clock.advance(10_000);
  expect(await keys.operations.remove(1)).toEqual({ ok: true });
  expect([...(await keys.load()).keys.keys()]).toEqual([2]);
  expect(await keys.open()).toEqual(asIs(users));
});

test("the active key, one that is not there, and one that was active a moment ago stay", async () => {
  expect(await keys.operations.remove(1)).toEqual({ ok: false, reason: "active" });
  expect(await keys.operations.remove(7)).toEqual({ ok: false, reason: "absent" });
  await keys.operations.rotate();
  keys.clock.advance(4_000);
  const early = { ok: false, reason: "too_early", retryAfterMs: 6_000 };
  expect(await keys.operations.remove(1)).toEqual(early);
  expect([...(await keys.load()).keys.keys()].sort()).toEqual([1, 2]);
  // A clock that was set back in between.
  keys.clock.advance(-1_000_000);
  expect(await keys.operations.remove(1)).toEqual({ ok: true });
});

test("a key goes only when what was sealed anew is on the medium, and while nobody can seal", async () => {
  await keys.seal(names(3));
  await keys.operations.rotate();
  await all(keys.operations.reencrypt());
  keys.clock.advance(10_000);
  const other = new Database(join(keys.directory, "hub.db"), { timeout: 0 });
  const prepare = vi.spyOn(Database.prototype, "prepare");
  const steps: string[] = [];
  const wallMs = () => keys.clock.wallMs();
  const operations = makeKeyOperations({
    ...{ store: keys.store, pepperFile: keys.pepperFile, random, wallMs },
    ringFile: {
      ...keys.ringFile,
      change: (run) =>
        keys.ringFile.change((ring, replace) =>
          run(ring, async (changed) => {
            steps.push(...prepare.mock.calls.map(([text]) => text));
            expect(() => other.exec("update totp set last_step = 1")).toThrow("locked");
            await replace(changed);
          }),
        ),
    },
  });
  try {
    expect(await operations.remove(1)).toEqual({ ok: true });
  } finally {
    prepare.mockRestore();
    other.close();
  }
  // A commit under `full` flushes the log and with it every commit before.
  expect(steps.filter((text) => text.startsWith("pragma"))).toEqual([
    "pragma synchronous = full",
    "pragma user_version = 0",
    "pragma synchronous = normal",
  ]);
});

test("stopped after any batch it goes on where it was", async () => {
  const users = names(250);
  await keys.seal(users);
  await keys.operations.rotate();
  for await (const { done } of keys.operations.reencrypt()) if (done === 100) break;
  expect(await keys.open()).toEqual(asIs(users));
  const again = await all(keys.operations.reencrypt());
  expect(again[0]).toEqual({ done: 0, left: 150, unreadable: 0 });
  expect(again.at(-1)).toEqual({ done: 150, left: 0, unreadable: 0 });
  expect((await countKeyUses(keys.store)).map(({ version }) => version)).toEqual([2]);
});

test("what the hub changes meanwhile is never overwritten, and is looked at again", async () => {
  const users = names(3);
  await keys.seal(users);
  const old = makeKeystore(await keys.load(), random);
  await keys.operations.rotate();
  const [first = "", second = "", third = ""] = users;
  // Between reading and writing of the first row: one changed under the old key, one removed.
  const fresh = makeKeystore(await keys.load(), random);
  let isChanged = false;
  const { reencrypt } = await import("./reencrypt.ts");
  const { store } = keys;
  const meddling = {
    ...fresh,
    open(...[place, sealed]: Parameters<typeof fresh.open>) {
      const opened = fresh.open(place, sealed);
      if (!isChanged) changes.push(change());
      isChanged = true;
      return opened;
    },
  };
  const changes: Promise<unknown>[] = [];
  const change = async () => {
    const secret = old.seal(sealedPlace("totpSecret", first), Buffer.from("new"));
    await store.updateTable("totp").set({ secret }).where("user_id", "=", first).execute();
    await store.deleteFrom("totp").where("user_id", "=", third).execute();
  };
  const last = (await all(reencrypt(store, meddling))).at(-1);
  await Promise.all(changes);
  expect(await keys.open()).toEqual({ [first]: "new", [second]: second });
  expect(last).toMatchObject({ left: 0, unreadable: 0 });
  expect((await countKeyUses(store)).map(({ version, count }) => [version, count])).toEqual([
    [2, 2],
  ]);
});

test("values that no key opens are counted, left alone and named by the status", async () => {
  await keys.seal(names(2));
  const [first = ""] = names(1);
  const foreign = makeKeystore({ activeVersion: 9, keys: new Map([[9, random(32)]]) }, random).seal(
    sealedPlace("totpSecret", first),
    Buffer.from("x"),
  );
  await keys.store
    .updateTable("totp")
    .set({ secret: foreign })
    .where("user_id", "=", first)
    .execute();
  await keys.operations.rotate();
  const last = (await all(keys.operations.reencrypt())).at(-1);
  expect(last).toEqual({ done: 1, left: 0, unreadable: 1 });
  const row = await keys.store
    .selectFrom("totp")
    .select("secret")
    .where("user_id", "=", first)
    .executeTakeFirstOrThrow();
  expect(new Uint8Array(row.secret)).toEqual(foreign);
  expect((await keys.operations.status()).lost).toEqual([
    { table: "totp", column: "secret", version: 9, count: 1 },
  ]);
});

test("a token key is rotated at once or with a grace, of which one runs at a time", async () => {
  await keys.store.insertInto("users").values(makeUser("ann")).execute();
  const graced = await keys.operations.rotatePepper(60_000);
  const until = keys.clock.wallMs() + 60_000;
  expect(graced).toMatchObject({ ok: true, generation: 2, formerUntilMs: until });
  expect(await keys.operations.rotatePepper(60_000)).toEqual({
    ok: false,
    reason: "grace_running",
    untilMs: until,
  });
  expect(keys.pepperFile.read()).toMatchObject({ active: { generation: 2 } });
  expect(await keys.operations.rotatePepper(0)).toMatchObject({
    ok: true,
    generation: 3,
    formerUntilMs: null,
  });
  expect(keys.pepperFile.read()).toMatchObject({ active: { generation: 3 }, former: null });
  await keys.operations.rotatePepper(60_000);
  keys.clock.advance(60_000);
  expect((await keys.operations.status()).pepper.formerUntilMs).toBeNull();
  expect(await keys.operations.rotatePepper(60_000)).toMatchObject({ ok: true, generation: 5 });
});
