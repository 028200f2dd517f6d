import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rotatePepper } from "../keystore/pepper-file.ts";
import { makeApiToken } from "../test-support/make-api-token.ts";
import { makeInvitation, makeLogin, makeUser } from "../test-support/make-user.ts";
import { random, startKeys } from "../test-support/start-keys.ts";
import { makeApiTokens } from "./api-tokens.ts";
import { countHashes } from "./hashed-columns.ts";
import { loadKeyedHash, type RotatingHash } from "./load-keyed-hash.ts";

const hour = 60 * 60_000;
let keys: Awaited<ReturnType<typeof startKeys>>;
let hash: RotatingHash;
const load = () => loadKeyedHash(keys.pepperFile, keys.store, keys.clock.wallMs);
beforeEach(async () => {
  keys = await startKeys();
  hash = await load();
  await keys.store.insertInto("users").values(makeUser("ann")).execute();
  const { store } = keys;
  for (const name of ["seen", "open", "forgotten"]) {
    const login = makeLogin(`lgn_${name}`, "usr_ann", { token_hash: hash.hash(name) });
    await store.insertInto("logins").values(login).execute();
    await store
      .insertInto("workers")
      .values({
        worker_id: `worker-${name}`,
        user_id: "usr_ann",
        name,
        composite_public_key: new Uint8Array(1),
        encryption_mode: "classic",
        token_hash: hash.hash(`worker ${name}`),
        created_at_ms: 0,
      })
      .execute();
  }
  const invitation = makeInvitation("inv_1", { token_hash: hash.hash("invitation") });
  await store.insertInto("invitations").values(invitation).execute();
  await store
    .insertInto("registration_keys")
    .values({ key_id: "reg_1", key_hash: hash.hash("key"), user_id: "usr_ann", expires_at_ms: 1 })
    .execute();
  const code = { code_hash: hash.hash("code"), user_id: "usr_ann" };
  await store.insertInto("recovery_codes").values(code).execute();
  const tokens = makeApiTokens(store, { maxTokensPerUser: 9, maxRefreshGenerations: 2 });
  const basis = { epoch: 0, needsAdmin: false, issuer: null };
  for (const name of ["seen", "forgotten"]) {
    const hashes = { access_hash: hash.hash(`access ${name}`), refresh_hash: hash.hash(name) };
    expect(await tokens.create(makeApiToken(`tok_${name}`, hashes), basis)).toBe("created");
  }
});
afterEach(() => keys.close());

async function rotate(graceMs: number) {
  const nowMs = keys.clock.wallMs();
  const next = await keys.pepperFile.change((before) =>
    rotatePepper(before, random(32), { graceMs, nowMs }),
  );
  return await hash.take(next);
}
const loginIds = async () =>
  (await keys.store.selectFrom("logins").select("login_id").orderBy("login_id").execute()).map(
    (row) => row.login_id,
  );
const workerHash = async (name: string) =>
  (
    await keys.store
      .selectFrom("workers")
      .select("token_hash")
      .where("worker_id", "=", `worker-${name}`)
      .executeTakeFirstOrThrow()
  ).token_hash;

test("without grace everything that was handed out ends at once, and the events say so", async () => {
  const ended = await rotate(0);
  expect(ended).toEqual({
    logins: 3,
    workers: 3,
    invitations: 1,
    registration_keys: 1,
    recovery_codes: 1,
    api_tokens: 2,
    // They go with them.
    refresh_tokens: 0,
  });
  expect(await loginIds()).toEqual([]);
  expect(hash.matches("worker seen", await workerHash("seen"))).toBe(false);
  const events = await keys.store.selectFrom("revocation_events").selectAll().execute();
  expect(events.map(({ kind }) => kind).sort()).toEqual([
    ...["login", "login", "login", "token", "token", "worker", "worker", "worker"],
  ]);
  // Asked again, nothing is left to end.
  expect(await hash.take(keys.pepperFile.read())).toMatchObject({ logins: 0, workers: 0 });
  expect(await keys.store.selectFrom("revocation_events").selectAll().execute()).toHaveLength(8);
});

test("with grace what is seen moves, what an open link stands on moves at once, the rest ends", async () => {
  const unfollow = hash.follow("logins", "open");
  hash.follow("workers", "worker open");
  hash.follow("logins", "never existed")();
  await rotate(24 * hour);
  // Accepted, both ways that tokens are looked up by.
  expect(hash.matches("worker seen", await workerHash("seen"))).toBe(true);
  expect(hash.matches("worker open", await workerHash("open"))).toBe(true);
  expect(await workerHash("open")).toBe(hash.hash("worker open"));
  const settled = await hash.settle("logins", "seen");
  expect(settled).toBe(hash.hash("seen"));
  await hash.settle("workers", "worker seen");
  await hash.settle("api_tokens", "access seen");
  await hash.settle("refresh_tokens", "seen");
  expect(await countHashes(keys.store, [1])).toMatchObject({ logins: 1, workers: 1 });
  unfollow();

  keys.clock.advance(24 * hour - 1);
  await hash.checkGrace();
  expect(await loginIds()).toEqual(["lgn_forgotten", "lgn_open", "lgn_seen"]);
  expect(hash.matches("worker forgotten", await workerHash("forgotten"))).toBe(true);
  keys.clock.advance(1);
  expect(hash.matches("worker forgotten", await workerHash("forgotten"))).toBe(false);
  await hash.checkGrace();
  expect(await loginIds()).toEqual(["lgn_open", "lgn_seen"]);
  expect(hash.matches("worker seen", await workerHash("seen"))).toBe(true);
  expect(await workerHash("forgotten")).toBe("");
  const left = await keys.store.selectFrom("refresh_tokens").select("token_id").execute();
  expect(left).toEqual([{ token_id: "tok_seen" }]);
});

test("what a crash kept from being ended is ended at the next start", async () => {
  const nowMs = keys.clock.wallMs();
  await keys.pepperFile.change((before) => rotatePepper(before, random(32), { graceMs: 0, nowMs }));
  expect(await loginIds()).toHaveLength(3);
  hash = await load();
  expect(await loginIds()).toEqual([]);
  expect(hash.generation()).toBe(2);
});

test("a bundled worker is told its token anew, and is none that could be lost", async () => {
  await keys.store.updateTable("workers").set({ bundled: 1 }).execute();
  let told = 0;
  hash.onRotated(() => Promise.resolve(void (told += 1)));
  expect(await rotate(0)).toMatchObject({ workers: 0 });
  expect(told).toBe(1);
});

test("a key file that is older than the hashes is refused, and ends nothing", async () => {
  const file = join(keys.directory, "token-hash.key");
  const older = keys.pepperFile.read().active.key;
  await rotate(hour);
  await hash.settle("logins", "seen");
  writeFileSync(file, older);
  await expect(load()).rejects.toThrow(/older than the database.*same backup/);
  expect(await loginIds()).toHaveLength(3);
});

test.each([
  ["cut", "2:AAAA"],
  ["nothing", ""],
  ["two active ones", `2:${"A".repeat(43)}=\n1:${"A".repeat(43)}=\n`],
  [
    "a former one that is not the one before",
    `3:${"A".repeat(43)}=\n1:${"A".repeat(43)}= until=5\n`,
  ],
  ["a former one first", `1:${"A".repeat(43)}= until=5\n2:${"A".repeat(43)}=\n`],
  ["three", `3:${"A".repeat(43)}=\n2:${"A".repeat(43)}= until=5\n1:${"A".repeat(43)}= until=5\n`],
  ["too much", "#".repeat(5000)],
])("a key file with %s is damaged", async (_, text) => {
  writeFileSync(join(keys.directory, "token-hash.key"), text);
  await expect(load()).rejects.toThrow(/token-hash\.key is damaged: restore it from a backup/);
});
