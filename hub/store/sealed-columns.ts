import { sql } from "kysely";
import type { Store } from "./open-store.ts";
import type { Tables } from "./schema.ts";

/**
 * Every column that hub/keystore seals. A table that comes to hold one adds its line here: re-encryption, the
 * counts of what a key is used for, the refusal to remove or lose a key and the test of the stolen database
 * follow. `hub/store/sealed-columns.test.ts` fails for a column of bytes that is neither here nor known to be
 * no secret.
 */
export const sealedColumns = {
  totpSecret: { table: "totp", column: "secret", rowKey: "user_id" },
  providerSecret: { table: "providers", column: "client_secret", rowKey: "provider_id" },
  pendingSignUp: { table: "pending_sign_ups", column: "payload", rowKey: "sign_up_id" },
  setting: { table: "settings", column: "sealed", rowKey: "name" },
} as const satisfies Readonly<Record<string, SealedColumn>>;

export interface SealedColumn {
  readonly table: keyof Tables;
  readonly column: string;
  /** The primary key: one column of text. */
  readonly rowKey: string;
}

/** Where a value of this column is sealed for. */
export function sealedPlace(name: keyof typeof sealedColumns, row: string) {
  const { table, column } = sealedColumns[name];
  return { table, column, row };
}

export const everySealedColumn: readonly SealedColumn[] = Object.values(sealedColumns);

/** Whether any key is needed. */
export async function holdsSealed(store: Store): Promise<boolean> {
  for (const { table, column } of everySealedColumn) {
    const { rows } = await sql`
      select 1 from ${sql.table(table)} where ${sql.ref(column)} is not null limit 1
    `.execute(store);
    if (rows.length > 0) return true;
  }
  return false;
}

export interface KeyUse {
  readonly table: string;
  readonly column: string;
  /** Null: in a format that is not known. */
  readonly version: number | null;
  readonly count: number;
}

/** How many values of each column each key has sealed. */
export async function countKeyUses(store: Store): Promise<KeyUse[]> {
  const uses: KeyUse[] = [];
  for (const { table, column } of everySealedColumn) {
    const { rows } = await sql<{ head: Uint8Array; count: number | string }>`
      select substr(${sql.ref(column)}, 1, 5) as head, count(*) as count from ${sql.table(table)}
      where ${sql.ref(column)} is not null group by 1 order by 1
    `.execute(store);
    for (const { head, count } of rows) {
      uses.push({ table, column, version: versionOf(head), count: Number(count) });
    }
  }
  return uses;
}

export interface SealedRow {
  readonly row: string;
  readonly sealed: Uint8Array;
}

/** The next ones, in order of their keys, whose first bytes are others. */
export async function sealedOtherwise(
  store: Store,
  { table, column, rowKey }: SealedColumn,
  options: { readonly head: Uint8Array; readonly after: string; readonly limit: number },
): Promise<SealedRow[]> {
  const [value, key] = [sql.ref(column), sql.ref(rowKey)];
  const { rows } = await sql<SealedRow>`
    select ${key} as "row", ${value} as sealed from ${sql.table(table)}
    where ${key} > ${options.after} and ${value} is not null
      and substr(${value}, 1, 5) <> ${Buffer.from(options.head)}
    order by ${key} limit ${options.limit}
  `.execute(store);
  return rows.map(({ row, sealed }) => ({ row, sealed: new Uint8Array(sealed) }));
}

/** False: somebody changed or removed it meanwhile, and that counts. */
export async function replaceSealed(
  store: Store,
  { table, column, rowKey }: SealedColumn,
  { row, sealed }: SealedRow,
  fresh: Uint8Array,
): Promise<boolean> {
  const value = sql.ref(column);
  const { numAffectedRows } = await sql`
    update ${sql.table(table)} set ${value} = ${Buffer.from(fresh)}
    where ${sql.ref(rowKey)} = ${row} and ${value} = ${Buffer.from(sealed)}
  `.execute(store);
  return numAffectedRows === 1n;
}

/**
 * Part of a transaction: nobody else writes until it ends. Of SQLite, where a transaction locks with its first
 * write, even one that finds nothing; PostgreSQL would lock the tables.
 */
export async function lockSealed(db: Store): Promise<void> {
  for (const { table, column } of everySealedColumn) {
    await sql`
      update ${sql.table(table)} set ${sql.ref(column)} = ${sql.ref(column)} where 1 = 0
    `.execute(db);
  }
}

function versionOf(head: Uint8Array): number | null {
  const bytes = Buffer.from(head);
  return bytes.length === 5 && bytes[0] === 1 ? bytes.readUInt32BE(1) : null;
}
