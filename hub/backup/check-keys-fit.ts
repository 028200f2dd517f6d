import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { makeKeystore } from "../keystore/keystore.ts";
import { parsePeppers, pepperName } from "../keystore/pepper-file.ts";
import { readRingText } from "../keystore/ring-file.ts";
import type { Wrapping } from "../keystore/wrapping-key.ts";
import { holdsOtherHashes } from "../store/hashed-columns.ts";
import { upTo } from "../store/load-keyed-hash.ts";
import type { Tables } from "../store/schema.ts";
import { everySealedColumn, sealedOtherwise } from "../store/sealed-columns.ts";
import type { KeyFiles } from "./backup-files.ts";
import { BackupError } from "./backup-manifest.ts";

const ringName = "encryption.key";
const batchSize = 200;
/** Nothing sealed begins so: all of it is "otherwise". */
const noHead = new Uint8Array(5);

/**
 * Opens every sealed value of a database with these keys, and looks whether the key of its hashes is there and not
 * older than they are. Throws what says what does not fit. The database may be of an older version.
 */
export async function checkKeysFit(options: {
  /** Of the database. */
  readonly file: string;
  readonly keys: KeyFiles;
  /** Of a ring that is wrapped in its directory. */
  readonly wrapping: Wrapping;
  /** How messages call where both are. */
  readonly place: string;
}): Promise<void> {
  const { file, keys, wrapping, place } = options;
  const database = new Database(file, { readonly: true });
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  try {
    const tables = new Set((await store.introspection.getTables()).map(({ name }) => name));
    const keystore = await readKeystore(keys, wrapping, place);
    for (const entry of everySealedColumn) {
      for (let after = ""; tables.has(entry.table);) {
        const page = { head: noHead, after, limit: batchSize };
        const rows = await sealedOtherwise(store, entry, page);
        for (const { row, sealed } of rows) {
          if (keystore === null) {
            throw new BackupError(`${ringName} is missing in ${place}, and its database needs it`);
          }
          const { table, column } = entry;
          if (!keystore.open({ table, column, row }, sealed).ok) {
            throw new BackupError(
              `the keys of ${place} do not open its database: a value of ${table} is sealed with another key`,
            );
          }
        }
        if (rows.length < batchSize) break;
        after = rows.at(-1)?.row ?? "";
      }
    }
    const pepper = keys.get(pepperName);
    const peppers = pepper === undefined ? null : parsePeppers(pepper);
    if (pepper !== undefined && peppers === null) {
      throw new BackupError(`${pepperName} in ${place} is damaged`);
    }
    const generations = peppers === null ? [] : upTo(peppers.active.generation);
    if (await holdsOtherHashes(store, generations, (table) => tables.has(table))) {
      throw new BackupError(
        peppers === null
          ? `${pepperName} is missing in ${place}, and no login and no worker is known without it`
          : `${pepperName} in ${place} is older than its database`,
      );
    }
  } finally {
    await store.destroy();
  }
}

/** Null: there is none, as in solo. */
async function readKeystore(keys: KeyFiles, wrapping: Wrapping, place: string) {
  const bytes = keys.get(ringName);
  if (bytes === undefined) return null;
  const path = `${place}/${ringName}`;
  const ring = await readRingText(Buffer.from(bytes).toString("utf8"), path, wrapping);
  if (ring !== null) {
    return makeKeystore(ring, () => {
      throw new Error("opening takes no random bytes");
    });
  }
  throw new BackupError(
    `${path} does not open with the key or passphrase of encryption_key_wrap: it was wrapped with another one`,
  );
}
