import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeKeystore } from "../keystore/keystore.ts";
import { makePepperFile } from "../keystore/pepper-file.ts";
import { makeRingFile } from "../keystore/ring-file.ts";
import type { Wrapping } from "../keystore/wrapping-key.ts";
import { openStore, type Store } from "../store/open-store.ts";
import { makeLogin, makeUser } from "../test-support/make-user.ts";
import { random } from "../test-support/start-keys.ts";
import { createBackup } from "./create-backup.ts";
import { endRestoredLogins } from "./end-restored-logins.ts";
import { restoreBackup } from "./restore-backup.ts";
import { verifyBackup, type Unlocking } from "./verify-backup.ts";

let parent: string;
let dataDir: string;
let target: string;
let store: Store;
const wallMs = () => Date.parse("2026-01-02T03:04:05Z");
const none: Wrapping = { kind: "none" };
const asIs: Unlocking = { wrapping: none, passphrase: null };
const common = { version: "1.2.3", wrapping: none, passphrase: null, wallMs };
const secret = new TextEncoder().encode("a secret of twenty b");

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), "leapmux-backup-"));
  dataDir = join(parent, "hub");
  target = join(parent, "copy");
  store = await openStore(dataDir);
  await makePepperFile(dataDir, random).load({ mayMake: true });
  await addUser("ann");
});
afterEach(async () => {
  await store.destroy();
  rmSync(parent, { recursive: true, force: true });
});

async function addUser(name: string): Promise<void> {
  const user = makeUser(name);
  await store.insertInto("users").values(user).execute();
  const ring = await ringOf(dataDir).load({ mayMake: true });
  const keystore = makeKeystore(ring, random);
  const sealed = keystore.seal({ table: "totp", column: "secret", row: user.user_id }, secret);
  await store
    .insertInto("totp")
    .values({ user_id: user.user_id, secret: sealed, last_step: 0, created_at_ms: 1 })
    .execute();
}

const ringOf = (directory: string, wrapping: Wrapping = none) =>
  makeRingFile({ directory, wrapping, random, wallMs });
const create = (chosen: Partial<Parameters<typeof createBackup>[0]> = {}) =>
  createBackup({ ...common, dataDir, target, ...chosen });
const settle = vi.fn<(dir: string) => Promise<void>>(() => Promise.resolve());
const restore = (to: string, unlocking = asIs) =>
  restoreBackup({ from: target, dataDir: to, unlocking, wallMs, settle });
const namesOf = (directory: string): string[] => readdirSync(directory).sort();
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const usersOf = (directory: string): unknown[] => {
  const database = new Database(join(directory, "hub.db"), { readonly: true });
  const rows = database.prepare("select username from users order by username").pluck().all();
  database.close();
  return rows;
};

test("a backup of a database in use is whole, private, and opens with the keys in it", async () => {
  writeFileSync(join(dataDir, "lock"), "", { mode: 0o600 });
  writeFileSync(join(dataDir, "hub.db.before-0003-factors"), "", { mode: 0o600 });
  const manifest = await create();
  expect(namesOf(target)).toEqual(["encryption.key", "hub.db", "manifest.json", "token-hash.key"]);
  expect(namesOf(target).map((name) => modeOf(join(target, name)))).toEqual(Array(4).fill("600"));
  expect(modeOf(target)).toBe("700");
  expect(manifest).toMatchObject({ made_at: "2026-01-02T03:04:05.000Z", version: "1.2.3" });
  expect((await verifyBackup(target, asIs)).manifest).toEqual(manifest);
  // What the write-ahead log still held is in the copy, and what comes later is not.
  await addUser("bob");
  expect(usersOf(target)).toEqual(["ann"]);
  expect(namesOf(parent)).toEqual(["copy", "hub"]);
  expect(JSON.parse(readFileSync(join(dataDir, "last-backup.json"), "utf8"))).toEqual({
    made_at: "2026-01-02T03:04:05.000Z",
  });
});

test("an empty directory is filled, a full one and a file are left alone", async () => {
  mkdirSync(target);
  await create();
  await expect(create()).rejects.toThrow(`${target} is there already`);
  await expect(create({ target: join(dataDir, "hub.db") })).rejects.toThrow("is there already");
  await expect(create({ target: join(parent, "no", "such") })).rejects.toThrow(
    "does not exist: make it first",
  );
  await expect(create({ dataDir: parent, target: join(parent, "x") })).rejects.toThrow(
    "holds no hub",
  );
  expect(namesOf(parent)).toEqual(["copy", "hub"]);
});

test("keys that do not open the database make no backup, and leave nothing behind", async () => {
  rmSync(join(dataDir, "encryption.key"));
  await ringOf(dataDir).load({ mayMake: true });
  await expect(create()).rejects.toThrow("do not open its database");
  rmSync(join(dataDir, "encryption.key"));
  await expect(create()).rejects.toThrow(/encryption\.key is missing/);
  expect(namesOf(parent)).toEqual(["hub"]);
  expect(existsSync(join(dataDir, "last-backup.json"))).toBe(false);
});

test.each<[string, (directory: string) => void, RegExp]>([
  ["altered", (at) => writeFileSync(join(at, "token-hash.key"), Buffer.alloc(32)), /was altered/],
  ["cut", (at) => truncateSync(join(at, "hub.db"), 4096), /was altered/],
  ["missing", (at) => rmSync(join(at, "encryption.key")), /encryption\.key is missing/],
  ["more than was backed up", (at) => writeFileSync(join(at, "hub.db-wal"), ""), /not of this/],
  ["without its manifest", (at) => rmSync(join(at, "manifest.json")), /no manifest/],
  ["of a manifest that is none", (at) => writeFileSync(join(at, "manifest.json"), "{"), /read/],
  [
    "of a manifest that leads elsewhere",
    (at) => edit(at, (text) => text.replace('"hub.db"', '"../hub/hub.db"')),
    /manifest .* cannot be read/,
  ],
  [
    "of a later format",
    (at) => edit(at, (text) => text.replace('"format": 1', '"format": 2')),
    /manifest .* cannot be read/,
  ],
  [
    "a link in the place of a file",
    (at) => {
      rmSync(join(at, "token-hash.key"));
      symlinkSync(join(dataDir, "token-hash.key"), join(at, "token-hash.key"));
    },
    /is missing/,
  ],
])("a backup that is %s is refused, and nothing is touched", async (_, spoil, why) => {
  await create();
  spoil(target);
  const before = namesOf(dataDir);
  await expect(verifyBackup(target, asIs)).rejects.toThrow(why);
  await expect(restore(dataDir)).rejects.toThrow(why);
  expect(namesOf(dataDir)).toEqual(before);
});

function edit(directory: string, change: (text: string) => string): void {
  const path = join(directory, "manifest.json");
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

test("a database with the keys of another backup is refused, though each file is genuine", async () => {
  await create();
  const other = join(parent, "other");
  const second = await openStore(other);
  await second.destroy();
  await ringOf(other).load({ mayMake: true });
  const bytes = readFileSync(join(other, "encryption.key"));
  writeFileSync(join(target, "encryption.key"), bytes);
  const { createHash } = await import("node:crypto");
  const hashOf = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
  edit(target, (text) => {
    const manifest = JSON.parse(text) as {
      files: { name: string; sha256: string; bytes: number }[];
    };
    const entry = manifest.files.find(({ name }) => name === "encryption.key");
    Object.assign(entry ?? {}, { sha256: hashOf(bytes), bytes: bytes.length });
    return JSON.stringify(manifest);
  });
  await expect(verifyBackup(target, asIs)).rejects.toThrow("do not open its database");
  await expect(restore(dataDir)).rejects.toThrow("do not open its database");
});

test("restored into an empty directory, and over another state, which is kept aside", async () => {
  await create();
  const empty = join(parent, "empty");
  mkdirSync(empty, { mode: 0o700 });
  expect(await restore(empty)).toMatchObject({ aside: null });
  expect(namesOf(empty)).toEqual(["encryption.key", "hub.db", "token-hash.key"]);
  expect(namesOf(empty).map((name) => modeOf(join(empty, name)))).toEqual(Array(3).fill("600"));
  expect(settle).toHaveBeenLastCalledWith(empty);

  await addUser("bob");
  await store.destroy();
  const { aside } = await restore(dataDir);
  expect(usersOf(dataDir)).toEqual(["ann"]);
  expect(usersOf(aside ?? "")).toEqual(["ann", "bob"]);
  expect(modeOf(aside ?? "")).toBe("700");
  // Again at the same moment: what was moved aside before stays what it was.
  expect((await restore(dataDir)).aside).toBe(`${aside}-2`);
  expect(usersOf(aside ?? "")).toEqual(["ann", "bob"]);
  store = await openStore(dataDir);
  expect(await store.selectFrom("users").select("username").execute()).toEqual([
    { username: "ann" },
  ]);
});

test("a directory that others may look into is not restored into", async () => {
  await create();
  const open = join(parent, "open");
  mkdirSync(open);
  chmodSync(open, 0o755);
  await expect(restore(open)).rejects.toMatchObject({ code: "too_open" });
});

test("a restore that is cut off lets no hub start, and its repetition loses nothing", async () => {
  await create();
  await addUser("bob");
  await store.destroy();
  settle.mockRejectedValueOnce(new Error("cut off"));
  await expect(restore(dataDir)).rejects.toThrow("cut off");
  await expect(openStore(dataDir)).rejects.toThrow(/did not come to its end.*restore/);
  const { aside } = await restore(dataDir);
  expect(usersOf(aside ?? "")).toEqual(["ann", "bob"]);
  expect(usersOf(dataDir)).toEqual(["ann"]);

  writeFileSync(join(dataDir, "restore-in-progress"), "copying ../../elsewhere\n", { mode: 0o600 });
  await expect(restore(dataDir)).rejects.toThrow("cannot be read");
  rmSync(join(dataDir, "restore-in-progress"));
  store = await openStore(dataDir);
});

test("keys that are older than the hashes in the database are refused, and lost ones too", async () => {
  const login = { token_hash: "2.abc", expires_at_ms: 2 ** 45 };
  await store
    .insertInto("logins")
    .values(makeLogin("lgn_1", "usr_ann", login))
    .execute();
  await expect(create()).rejects.toThrow("token-hash.key in");
  rmSync(join(dataDir, "token-hash.key"));
  await expect(create()).rejects.toThrow("token-hash.key is missing");
});

test("a ring that is wrapped stays so in the backup, and checking it needs its key", async () => {
  const wrapping: Wrapping = { kind: "passphrase", passphrase: "passphrase of the ring" };
  await ringOf(dataDir).rewrap(wrapping);
  await expect(create()).rejects.toThrow("is wrapped: set encryption_key_wrap to passphrase");
  await create({ wrapping });
  expect(readFileSync(join(target, "encryption.key"), "utf8")).toContain("argon2id");
  await expect(verifyBackup(target, asIs)).rejects.toThrow("encryption_key_wrap");
  const wrong = { kind: "passphrase" as const, passphrase: "another passphrase" };
  await expect(verifyBackup(target, { ...asIs, wrapping: wrong })).rejects.toThrow(
    "wrapped with another",
  );
  await verifyBackup(target, { ...asIs, wrapping });
});

test("keys under a passphrase cannot be read in the backup, and are as they were after the restore", async () => {
  const passphrase = "passphrase of the backup";
  await create({ passphrase });
  expect(namesOf(target)).toEqual(["hub.db", "keys.wrapped", "manifest.json"]);
  const key = readFileSync(join(dataDir, "token-hash.key"));
  for (const name of namesOf(target)) {
    const bytes = readFileSync(join(target, name));
    expect(bytes.includes(key) || bytes.includes(key.toString("base64"))).toBe(false);
  }
  await expect(verifyBackup(target, asIs)).rejects.toThrow("--passphrase-file");
  await expect(restore(dataDir, { ...asIs, passphrase: "another passphrase" })).rejects.toThrow(
    "another one",
  );
  const empty = join(parent, "empty");
  mkdirSync(empty, { mode: 0o700 });
  await restore(empty, { ...asIs, passphrase });
  expect(namesOf(empty)).toEqual(["encryption.key", "hub.db", "token-hash.key"]);
  expect(namesOf(empty).map((name) => modeOf(join(empty, name)))).toEqual(Array(3).fill("600"));
  for (const name of ["encryption.key", "token-hash.key"]) {
    expect(readFileSync(join(empty, name))).toEqual(readFileSync(join(dataDir, name)));
  }
});

test("what lets somebody in by itself ends in a restored database, of an older version too", async () => {
  const login = { token_hash: "abc", expires_at_ms: 2 ** 45 };
  await store
    .insertInto("logins")
    .values(makeLogin("lgn_1", "usr_ann", login))
    .execute();
  await store.destroy();
  const database = new Database(join(dataDir, "hub.db"));
  database.pragma("foreign_keys = OFF");
  database.exec("drop table refresh_tokens; drop table api_tokens");
  database.close();
  await create();
  expect(endRestoredLogins(dataDir)).toEqual({ logins: 1, apiTokens: 0, oneTimeLinks: 0 });
  expect(usersOf(dataDir)).toEqual(["ann"]);
  expect(endRestoredLogins(dataDir).logins).toBe(0);
  store = await openStore(join(parent, "other"));
});
