import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeKeystore } from "../keystore/keystore.ts";
import { addUsers, openTestStore } from "../test-support/open-test-store.ts";
import type { Store } from "./open-store.ts";
import { countKeyUses, everySealedColumn, holdsSealed, sealedPlace } from "./sealed-columns.ts";

/** Bytes that are no secret, and what they are. Whatever is sealed belongs into the registry instead. */
const plainBytes: Readonly<Record<string, string>> = {
  "workers.composite_public_key": "public",
  "registration_keys.composite_public_key": "public",
  "registration_keys.worker_mac": "proves to the device, under a secret that the hub never sees",
  "registration_keys.device_public_key": "public",
  "registration_keys.device_mac": "proves to the worker, under a secret that the hub never sees",
  "approval_requests.device_public_key": "public",
  "grants.signed_grant": "signed, for everybody of the account",
  "device_revocations.signed_revocation": "signed, for everybody of the account",
  "passkeys.public_key": "public",
  "audit_entries.hash": "public",
  "audit_head.hash": "public",
  "audit_head.public_key": "public",
  "audit_signatures.public_key": "public",
  "audit_signatures.signature": "public",
};

let store: Store;
let close: () => Promise<void>;
beforeEach(async () => ({ store, close } = await openTestStore()));
afterEach(() => close());

test("every column of bytes is in the registry, or known to be no secret", async () => {
  const tables = await store.introspection.getTables();
  const bytes = tables.flatMap(({ name, columns }) =>
    columns
      .filter((column) => /^(blob|bytea)$/i.test(column.dataType))
      .map((column) => `${name}.${column.name}`),
  );
  const sealed = everySealedColumn.map(({ table, column }) => `${table}.${column}`);
  expect(sealed.length).toBeGreaterThan(0);
  expect(bytes.sort()).toEqual([...sealed, ...Object.keys(plainBytes)].sort());
});

test("the key of a row in the registry is its primary key, one column of text", async () => {
  for (const { table, rowKey } of everySealedColumn) {
    const { rows } = await sql<{ name: string; type: string }>`
      select name, lower(type) as type from pragma_table_info(${table}) where pk > 0
    `.execute(store);
    expect(rows, table).toEqual([{ name: rowKey, type: "text" }]);
  }
});

test("uses are counted by version, and what is in no known format apart", async () => {
  await addUsers(store, ["a", "b", "c", "d"]);
  expect(await holdsSealed(store)).toBe(false);
  const under = (version: number, row: string) =>
    makeKeystore(
      { activeVersion: version, keys: new Map([[version, new Uint8Array(32)]]) },
      (n) => new Uint8Array(n),
    ).seal(sealedPlace("totpSecret", row), new Uint8Array(20));
  const rows = [
    { user_id: "a", secret: under(1, "a") },
    { user_id: "b", secret: under(70_000, "b") },
    { user_id: "c", secret: under(70_000, "c") },
    { user_id: "d", secret: new Uint8Array([2, 0, 0, 0, 1, 9]) },
  ].map((row) => ({ ...row, last_step: 0, created_at_ms: 0 }));
  await store.insertInto("totp").values(rows).execute();
  expect(await holdsSealed(store)).toBe(true);
  const use = { table: "totp", column: "secret" };
  expect(await countKeyUses(store)).toEqual([
    { ...use, version: 1, count: 1 },
    { ...use, version: 70_000, count: 2 },
    { ...use, version: null, count: 1 },
  ]);
});
