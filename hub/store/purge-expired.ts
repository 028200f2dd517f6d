import { sql } from "kysely";
import type { Store } from "./open-store.ts";
import { rememberMs } from "./registration-keys.ts";
import type { Tables } from "./schema.ts";

interface ExpiringTable {
  readonly table: keyof Tables;
  /** The primary key: one column of text. */
  readonly rowKey: string;
  readonly expiresAt: string;
  /** How long behind its end somebody may still be told about it. */
  readonly keptMs: number;
}

/** What goes by itself. Logins and tokens that expire are ended elsewhere, because somebody is told (watch-revocations). */
export const expiringTables: readonly ExpiringTable[] = [
  { table: "invitations", rowKey: "invitation_id", expiresAt: "expires_at_ms", keptMs: 0 },
  { table: "registration_keys", rowKey: "key_id", expiresAt: "expires_at_ms", keptMs: rememberMs },
  { table: "approval_requests", rowKey: "request_id", expiresAt: "expires_at_ms", keptMs: 0 },
  { table: "pending_sign_ups", rowKey: "sign_up_id", expiresAt: "expires_at_ms", keptMs: 0 },
];

const batchSize = 500;

/** In batches, each of its own, so that nobody waits for a large one. The number of rows that went. */
export async function purgeExpired(store: Store, nowMs: number): Promise<number> {
  let purged = 0;
  for (const { table, rowKey, expiresAt, keptMs } of expiringTables) {
    const [key, from] = [sql.ref(rowKey), sql.table(table)];
    for (;;) {
      const { numAffectedRows = 0n } = await sql`
        delete from ${from} where ${key} in (
          select ${key} from ${from} where ${sql.ref(expiresAt)} < ${nowMs - keptMs} limit ${batchSize}
        )
      `.execute(store);
      purged += Number(numAffectedRows);
      if (numAffectedRows < BigInt(batchSize)) break;
    }
  }
  return purged;
}
