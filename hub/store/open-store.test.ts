import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { randomBytes } from "node:crypto";
import { makePepperFile } from "../keystore/pepper-file.ts";
import { makeUser } from "../test-support/make-user.ts";
import { loadKeyedHash } from "./load-keyed-hash.ts";
import { openStore, type Store } from "./open-store.ts";

let parent: string;
beforeEach(() => (parent = mkdtempSync(join(tmpdir(), "leapmux-store-"))));
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const pepperOf = (directory: string) =>
  makePepperFile(directory, (length) => new Uint8Array(randomBytes(length)));
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test("migrates from nothing, and a second start finds everything as it was", async () => {
  const directory = join(parent, "hub");
  const store = await openStore(directory);
  const row = { workspace_id: "wsp_1", user_id: "solo", title: "t", created_at_ms: 2 ** 45 };
  await store.insertInto("workspaces").values(row).execute();
  expect((await store.introspection.getTables()).map((table) => table.name)).toEqual(
    expect.arrayContaining(["workspaces", "tabs", "workers", "registration_keys"]),
  );
  await store.destroy();

  const again = await openStore(directory);
  expect(await again.selectFrom("workspaces").selectAll().execute()).toEqual([row]);
  await again.destroy();
});

test("directory, database and its companions are for their owner only", async () => {
  const directory = join(parent, "new", "hub");
  const store = await openStore(directory);
  expect(modeOf(directory)).toBe("700");
  const files = ["hub.db", "hub.db-wal", "hub.db-shm"].map((name) => join(directory, name));
  expect(files.map((file) => existsSync(file) && modeOf(file))).toEqual(["600", "600", "600"]);
  await store.destroy();
});

test.each(["directory", "database", "key"])(
  "a %s that others may read is refused",
  async (which) => {
    const directory = join(parent, "hub");
    await (await openStore(directory)).destroy();
    await pepperOf(directory).load({ mayMake: true });
    const paths = {
      directory,
      database: join(directory, "hub.db"),
      key: join(directory, "token-hash.key"),
    };
    chmodSync(paths[which as keyof typeof paths], which === "directory" ? 0o755 : 0o640);
    await expect(async () => {
      await openStore(directory);
      await pepperOf(directory).load({ mayMake: true });
    }).rejects.toMatchObject({ code: "too_open" });
  },
);

test("the secret file is made once and stays", async () => {
  const directory = mkdtempSync(join(parent, "hub-"));
  const peppers = await pepperOf(directory).load({ mayMake: true });
  expect(peppers).toMatchObject({ active: { generation: 1 }, former: null });
  expect(peppers.active.key).toHaveLength(32);
  expect(await pepperOf(directory).load({ mayMake: true })).toEqual(peppers);
  expect(modeOf(join(directory, "token-hash.key"))).toBe("600");
});

test("a key of hashes that is lost is made anew only while nothing was hashed with it", async () => {
  const directory = join(parent, "hub");
  const file = join(directory, "token-hash.key");
  const load = (of: Store) => loadKeyedHash(pepperOf(directory), of, () => 0);
  const store = await openStore(directory);
  const first = (await load(store)).hash("token");
  rmSync(file);
  const second = (await load(store)).hash("token");
  expect(second).not.toBe(first);

  await store.insertInto("users").values(makeUser("ann")).execute();
  rmSync(file);
  await expect(load(store)).rejects.toThrow(
    `the file ${file} is missing, and no login and no worker in the database is known without it`,
  );
  expect(existsSync(file)).toBe(false);
  await store.destroy();
});
