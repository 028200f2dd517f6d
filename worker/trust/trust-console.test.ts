import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../store/open-database.ts";
import { makeTrustConsole, type TrustConsole } from "./trust-console.ts";
import { makeTrustStore } from "./trust-store.ts";

let directory: string;
let trust: TrustConsole;
let close: () => Promise<void>;
/** The first byte of each key whose words were computed: each costs 0.1 s and 64 MiB. */
let computed: number[];

const wordNames = ["apple", "birch", "cedar", "dune", "ember"];
const wordsOf = (at: number): string => `${wordNames[at]}-${wordNames[at]}`;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-console-"));
  const database = await openDatabase(directory);
  const store = makeTrustStore(database);
  close = () => database.destroy();
  const device = (at: number) => ({
    device_id: `dev_${at}`,
    public_key: new Uint8Array([at]),
    user_id: "usr_ann",
  });
  await store.addRoot({ ...device(0), source: "pairing", added_at_ms: 1 });
  await store.addRoot({ ...device(1), source: "console", added_at_ms: 2 });
  const revocation = {
    issuer_device_id: null,
    signed_revocation: null,
    received_at_ms: 3,
    overruled_at_ms: null,
  };
  for (const at of [2, 3]) {
    const { device_id, public_key } = device(at);
    const row = { ...revocation, device_id, public_key, statement_id: `s${at}` };
    await store.addRevocation(row, null);
  }
  await store.savePendingDevice({ ...device(4), seen_at_ms: 5 });
  computed = [];
  trust = makeTrustConsole(
    store,
    () => 10,
    (publicKey) => {
      const at = publicKey[0] ?? -1;
      computed.push(at);
      return Promise.resolve(wordsOf(at));
    },
  );
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true, force: true });
});

test("a device that is named by its id costs its own words alone", async () => {
  expect(await trust.revoke("dev_1")).toMatchObject({
    ok: true,
    device: { deviceId: "dev_1", state: "revoked", words: wordsOf(1) },
    trustedLeft: 1,
  });
  expect(computed).toEqual([1]);
  expect(await trust.revoke("dev_2")).toEqual({ ok: false, why: "done_already" });
  expect(computed).toEqual([1]);
});

test("words are looked for everywhere, and computed once", async () => {
  expect(await trust.approve("Ember ember")).toMatchObject({
    ok: true,
    device: { deviceId: "dev_4", state: "approved", words: wordsOf(4) },
    trustedLeft: 3,
  });
  expect(computed.toSorted()).toEqual([0, 1, 2, 3, 4]);
  expect((await trust.list()).map(({ words }) => words)).toEqual(
    [0, 1, 4, 2, 3].map((at) => wordsOf(at)),
  );
  expect(computed).toHaveLength(5);
  expect(await trust.approve("no such words")).toEqual({ ok: false, why: "unknown" });
});

test("two devices with the same words are told apart by their ids alone", async () => {
  wordNames[3] = "cedar";
  try {
    expect(await trust.approve("cedar-cedar")).toEqual({ ok: false, why: "ambiguous" });
  } finally {
    wordNames[3] = "dune";
  }
});
