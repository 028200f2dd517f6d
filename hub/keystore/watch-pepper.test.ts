import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeHubLog } from "../ops/hub-log.ts";
import { loadKeyedHash, type RotatingHash } from "../store/load-keyed-hash.ts";
import { makeLogin, makeUser } from "../test-support/make-user.ts";
import { startKeys } from "../test-support/start-keys.ts";
import { watchPepper, type PepperWatch } from "./watch-pepper.ts";

let keys: Awaited<ReturnType<typeof startKeys>>;
let hash: RotatingHash;
let watch: PepperWatch;
let lines: string[];
/** How often taking a key fails, as a database that is busy makes it. */
let failures: number;
beforeEach(async () => {
  keys = await startKeys();
  hash = await loadKeyedHash(keys.pepperFile, keys.store, keys.clock.wallMs);
  await keys.store.insertInto("users").values(makeUser("ann")).execute();
  const login = makeLogin("lgn_1", "usr_ann", { token_hash: hash.hash("token") });
  await keys.store.insertInto("logins").values(login).execute();
  lines = [];
  failures = 0;
  watch = watchPepper({
    file: keys.pepperFile,
    hash: {
      ...hash,
      async take(peppers) {
        failures -= 1;
        if (failures >= 0) throw new Error("busy");
        return await hash.take(peppers);
      },
    },
    clock: keys.clock,
    checkMs: 2_000,
    log: makeHubLog(pino({}, { write: (line: string) => void lines.push(line) })),
  });
  await watch.check();
});
afterEach(async () => {
  await watch.stop();
  await keys.close();
});

test("a rotated key is taken within the period", async () => {
  await keys.operations.rotatePepper(60_000);
  keys.clock.advance(2_000);
  await watch.check();
  expect(hash.generation()).toBe(2);
  expect(lines.filter((line) => line.includes("token key taken"))).toHaveLength(1);
});

test("what could not be done is tried again until it is", async () => {
  const nothing = { logins: 0 };
  hash.follow("logins", "token");
  await keys.operations.rotatePepper(60_000);
  failures = 2;
  await watch.check();
  await watch.check();
  expect(hash.generation()).toBe(1);
  await watch.check();
  expect(hash.generation()).toBe(2);
  expect((await keys.operations.status()).pepper.unmoved).toMatchObject(nothing);
});

test("a file that is damaged, gone or older is told once, and what was read goes on", async () => {
  const file = join(keys.directory, "token-hash.key");
  const { key } = keys.pepperFile.read().active;
  await keys.operations.rotatePepper(60_000);
  await watch.check();
  for (const spoil of [
    () => writeFileSync(file, "2:cut"),
    () => rmSync(file),
    () => writeFileSync(file, key, { mode: 0o600 }),
  ]) {
    lines = [];
    spoil();
    for (let look = 0; look < 3; look += 1) await watch.check();
    expect(lines.filter((line) => line.includes("key file not taken"))).toHaveLength(1);
    expect(hash.generation()).toBe(2);
  }
  expect(await keys.store.selectFrom("logins").select("login_id").execute()).toHaveLength(1);
});
