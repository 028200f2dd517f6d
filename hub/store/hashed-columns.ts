import { sql, type RawBuilder } from "kysely";
import type { Store } from "./open-store.ts";
import { addEvents, endTokens } from "./revocation-events.ts";
import type { Tables } from "./schema.ts";

/**
 * Every column with keyed hashes, and what becomes of rows whose hash is of a generation that no longer counts:
 * nothing can be found by them any more. A table that comes to hold such hashes adds its line here, and the
 * rotation of the key, its counts and its clean-up follow.
 */
export type HashedColumn = keyof typeof hashedColumns;

interface HashedTable {
  readonly column: string;
  /** Rows that are told and counted: what is over, or is told anew at each start, is not. */
  readonly counts: RawBuilder<boolean>;
  /** Part of a transaction; `stale` picks the rows. The number of those that ended. */
  readonly drop: (db: Store, stale: RawBuilder<boolean>, nowMs: number) => Promise<number>;
}

const every = sql<boolean>`1 = 1`;

export const hashedColumns = {
  logins: {
    column: "token_hash",
    counts: every,
    async drop(db, stale, nowMs) {
      const ended = await db.deleteFrom("logins").where(stale).returning("login_id").execute();
      const ids = ended.map((row) => row.login_id);
      await addEvents(db, "login", ids, "ended_by_admin", nowMs);
      return ids.length;
    },
  },
  workers: {
    column: "token_hash",
    counts: sql<boolean>`bundled = 0`,
    /** The row stays for its owner to see and to remove; its worker has to be registered anew. */
    async drop(db, stale, nowMs) {
      const ended = await db
        .updateTable("workers")
        .set({ token_hash: "" })
        .where(stale)
        .returning("worker_id")
        .execute();
      const ids = ended.map((row) => row.worker_id);
      await addEvents(db, "worker", ids, "ended_by_admin", nowMs);
      return ids.length;
    },
  },
  invitations: {
    column: "token_hash",
    counts: every,
    drop: (db, stale) => remove(db.deleteFrom("invitations").where(stale)),
  },
  registration_keys: {
    column: "key_hash",
    counts: sql<boolean>`used_at_ms is null and destroyed_at_ms is null`,
    /** As if withdrawn, so that a dialog which shows one says so. */
    async drop(db, stale, nowMs) {
      const { numUpdatedRows } = await db
        .updateTable("registration_keys")
        .set({ destroyed_at_ms: nowMs })
        .where(stale)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
  },
  api_tokens: {
    column: "access_hash",
    counts: every,
    async drop(db, stale, nowMs) {
      const over = await db.selectFrom("api_tokens").where(stale).select("token_id").execute();
      let ended = 0;
      for (const { token_id: tokenId } of over) {
        ended += await endTokens(db, { tokenId }, "ended_by_admin", nowMs);
      }
      return ended;
    },
  },
  refresh_tokens: {
    column: "refresh_hash",
    // One that was used counts no more; its row only tells that it comes again.
    counts: sql<boolean>`rotated_at_ms is null`,
    drop: (db, stale) => remove(db.deleteFrom("refresh_tokens").where(stale)),
  },
  recovery_codes: {
    column: "code_hash",
    counts: every,
    drop: (db, stale) => remove(db.deleteFrom("recovery_codes").where(stale)),
  },
} as const satisfies Readonly<Partial<Record<keyof Tables, HashedTable>>>;

export type HashCounts = Record<HashedColumn, number>;

async function remove(query: {
  executeTakeFirstOrThrow(): Promise<{ readonly numDeletedRows: bigint }>;
}): Promise<number> {
  return Number((await query.executeTakeFirstOrThrow()).numDeletedRows);
}

/** How many of each stand under one of these generations. */
export async function countHashes(
  store: Store,
  generations: readonly number[],
): Promise<HashCounts> {
  const counts: Partial<HashCounts> = {};
  for (const [table, entry] of entries()) {
    const { rows } = await sql<{ count: number | string }>`
      select count(*) as count from ${sql.table(table)} where ${rowsOf(entry, generations)}
    `.execute(store);
    counts[table] = Number(rows[0]?.count ?? 0);
  }
  return counts as HashCounts;
}

/**
 * Ends what hangs on these generations. Again and again the same: what a crash kept from being ended is ended
 * by the next one who looks.
 */
export function dropHashes(
  store: Store,
  generations: readonly number[],
  nowMs: number,
): Promise<HashCounts> {
  return store.transaction().execute(async (db) => {
    const counts: Partial<HashCounts> = {};
    for (const [table, entry] of entries()) {
      counts[table] = await entry.drop(db, rowsOf(entry, generations), nowMs);
    }
    return counts as HashCounts;
  });
}

/** Whether anything was hashed with another key than those: one that is newer than the key file. */
export async function holdsOtherHashes(
  store: Store,
  generations: readonly number[],
  /** Of an older database: what is there already. */
  isThere: (table: HashedColumn) => boolean = () => true,
): Promise<boolean> {
  for (const [table, { column }] of entries()) {
    if (!isThere(table)) continue;
    const hash = sql.ref(column);
    const { rows } = await sql`
      select 1 from ${sql.table(table)}
      where ${hash} <> '' and not ${isOf(column, generations)} limit 1
    `.execute(store);
    if (rows.length > 0) return true;
  }
  return false;
}

/** From one generation to another, where the row is still as it was. */
export async function moveHash(
  store: Store,
  table: HashedColumn,
  from: string,
  to: string,
): Promise<boolean> {
  const column = sql.ref(hashedColumns[table].column);
  // Asked first: most have been moved, and a write would wait for whoever writes.
  const { rows } = await sql`
    select 1 from ${sql.table(table)} where ${column} = ${from} limit 1
  `.execute(store);
  if (rows.length === 0) return false;
  const moved = await sql`
    update ${sql.table(table)} set ${column} = ${to} where ${column} = ${from}
  `.execute(store);
  return moved.numAffectedRows === 1n;
}

function entries(): [HashedColumn, HashedTable][] {
  return Object.entries(hashedColumns) as [HashedColumn, HashedTable][];
}

function rowsOf({ column, counts }: HashedTable, generations: readonly number[]) {
  return sql<boolean>`${sql.ref(column)} <> '' and ${counts} and ${isOf(column, generations)}`;
}

/** Hashes of the first generation have no prefix, later ones their number and a dot, which base64url has not. */
function isOf(column: string, generations: readonly number[]): RawBuilder<boolean> {
  const hash = sql.ref(column);
  if (generations.length === 0) return sql<boolean>`1 = 0`;
  const each = generations.map((generation) =>
    generation === 1
      ? sql<boolean>`${hash} not like '%.%'`
      : sql<boolean>`${hash} like ${`${generation}.%`}`,
  );
  return sql<boolean>`(${sql.join(each, sql` or `)})`;
}
