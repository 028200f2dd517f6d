import { sql } from "kysely";
import type { Store } from "./open-store.ts";

/**
 * When this returns, a power cut undoes nothing that anybody had committed before. For the step after which a
 * key is gone: an ordinary commit reaches the medium a moment later than its file does. SQLite flushes the
 * whole log with one commit, and writing a number that nothing reads is one; in PostgreSQL each commit does.
 */
export function flushCommits(store: Store): Promise<void> {
  return store.connection().execute(async (db) => {
    await sql`pragma synchronous = full`.execute(db);
    try {
      await sql`pragma user_version = 0`.execute(db);
    } finally {
      await sql`pragma synchronous = normal`.execute(db);
    }
  });
}
