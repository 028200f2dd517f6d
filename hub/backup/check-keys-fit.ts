import { randomBytes } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { loadKeyRing } from "../keystore/key-ring.ts";
import { makeKeystore } from "../keystore/keystore.ts";
import type { Tables } from "../store/schema.ts";
import { databaseName } from "./backup-files.ts";
import { BackupError } from "./backup-manifest.ts";

/** Opens every sealed value of a database with the keys beside it. Throws a BackupError when one does not open. */
export async function checkKeysFit(directory: string): Promise<void> {
  const database = new Database(join(directory, databaseName), { readonly: true });
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  try {
    const rows = await store.selectFrom("totp").select(["user_id", "secret"]).execute();
    if (rows.length === 0) return;
    const ring = loadKeyRing(directory, { mayMake: false });
    const keystore = makeKeystore(ring, (length) => new Uint8Array(randomBytes(length)));
    for (const { user_id, secret } of rows) {
      const opened = keystore.open({ table: "totp", column: "secret", row: user_id }, secret);
      if (!opened.ok) throw new BackupError(`the keys of ${directory} do not open its database`);
    }
  } finally {
    await store.destroy();
  }
}
