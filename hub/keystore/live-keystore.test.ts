import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeHubLimits } from "../config/hub-limits.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import { random, startKeys } from "../test-support/start-keys.ts";
import { makeKeystore } from "./keystore.ts";
import { makeLiveKeystore, type LiveKeystore } from "./live-keystore.ts";
import type { Wrapping } from "./wrapping-key.ts";

let keys: Awaited<ReturnType<typeof startKeys>>;
let live: LiveKeystore;
let file: string;
let events: string[];

async function start(wrapping?: Wrapping): Promise<void> {
  keys = await startKeys(wrapping);
  file = join(keys.directory, "encryption.key");
  events = [];
  const take = (event: string, fields?: object) =>
    void events.push(`${event} ${JSON.stringify(fields)}`);
  const { ring, clock } = keys;
  const ringFile = keys.openRing();
  await ringFile.load({ mayMake: false });
  live = makeLiveKeystore({
    ring,
    file: ringFile,
    random,
    clock,
    checkMs: makeHubLimits().keyFileCheckMs,
    log: { info: take, warn: take },
  });
}
beforeEach(() => start());
afterEach(async () => {
  await live.stop();
  await keys.close();
});

const place = sealedPlace("totpSecret", "usr_ann");
const secret = new Uint8Array([1, 2, 3]);

test("a rotated file is taken within the period, without a restart", async () => {
  await keys.operations.rotate();
  expect(makeHubLimits().keyFileCheckMs).toBe(2_000);
  keys.clock.advance(2_000);
  await live.check();
  expect(live.activeVersion()).toBe(2);
  expect(events.filter((event) => event.startsWith("key ring taken"))).toHaveLength(1);
});

test("nothing is sealed with a key that was rotated away, however short ago", async () => {
  await keys.operations.rotate();
  expect(live.seal(place, secret)[4]).toBe(2);
});

test("what another process sealed with a newer key opens at once", async () => {
  await keys.operations.rotate();
  const sealed = makeKeystore(await keys.load(), random).seal(place, secret);
  expect(live.open(place, sealed)).toEqual({ ok: true, plaintext: secret });
  sealed[4] = 9;
  expect(live.open(place, sealed)).toEqual({ ok: false, reason: "unknown_key" });
});

test.each([
  ["damaged", () => writeFileSync(file, "1:cut")],
  ["gone", () => rmSync(file)],
  ["open to others", () => chmodSync(file, 0o644)],
  ["empty", () => writeFileSync(file, "")],
])(
  "a new file that is %s never replaces what was read, is told once and heals",
  async (_, spoil) => {
    const good = readFileSync(file);
    const sealed = live.seal(place, secret);
    spoil();
    for (let look = 0; look < 3; look += 1) await live.check();
    expect(live.open(place, sealed)).toEqual({ ok: true, plaintext: secret });
    expect(live.open(place, live.seal(place, secret)).ok).toBe(true);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatch(/^key file not taken.*"kind":"encryption.key"/);
    expect(events[0]).not.toContain("cut");

    rmSync(file, { force: true });
    writeFileSync(file, good, { mode: 0o600 });
    await keys.operations.rotate();
    await live.check();
    expect(live.activeVersion()).toBe(2);
  },
);

test("a wrapped one is read anew without asking for its passphrase, and after a rewrap too", async () => {
  await live.stop();
  await keys.close();
  const wrapping = { kind: "passphrase", passphrase: "correct horse battery" } as const;
  await start(wrapping);
  await keys.operations.rotate();
  const sealed = makeKeystore(await keys.load(), random).seal(place, secret);
  expect(live.open(place, sealed)).toEqual({ ok: true, plaintext: secret });
  await keys.ringFile.rewrap(wrapping);
  await keys.operations.rotate();
  await live.check();
  expect(live.activeVersion()).toBe(3);
  // Wrapped with what this hub has not been told: the ring in memory stays.
  await keys.ringFile.rewrap({ kind: "passphrase", passphrase: "another one of those" });
  await live.check();
  expect(live.activeVersion()).toBe(3);
  expect(events.filter((event) => event.startsWith("key file not taken"))).toHaveLength(1);
});
