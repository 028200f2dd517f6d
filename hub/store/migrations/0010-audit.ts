import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Bytes } from "../dialect.ts";

/** The audit log: rows are added and never changed. `audit_head` is one row, which whoever appends locks first. */
export function auditLog(bytes: Bytes): Migration {
  return {
    async up(db: Kysely<{ audit_head: Record<string, unknown> }>): Promise<void> {
      await db.schema
        .createTable("audit_entries")
        .addColumn("sequence", "bigint", (column) => column.primaryKey())
        .addColumn("at_ms", "bigint", (column) => column.notNull())
        .addColumn("actor_kind", "text", (column) => column.notNull())
        .addColumn("actor_id", "text", (column) => column.notNull())
        .addColumn("actor_via", "text", (column) => column.notNull())
        .addColumn("address", "text", (column) => column.notNull())
        .addColumn("action", "text", (column) => column.notNull())
        .addColumn("target_kind", "text", (column) => column.notNull())
        .addColumn("target_id", "text", (column) => column.notNull())
        .addColumn("result", "text", (column) => column.notNull())
        .addColumn("detail", "text", (column) => column.notNull())
        .addColumn("hash", sql.raw(bytes), (column) => column.notNull())
        .execute();
      for (const column of ["actor_id", "action", "target_id"]) {
        await db.schema
          .createIndex(`audit_entries_by_${column}`)
          .on("audit_entries")
          .columns([column, "sequence"])
          .execute();
      }
      await db.schema
        .createTable("audit_signatures")
        .addColumn("sequence", "bigint", (column) => column.primaryKey())
        .addColumn("public_key", sql.raw(bytes), (column) => column.notNull())
        .addColumn("signature", sql.raw(bytes), (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("audit_head")
        .addColumn("place", "bigint", (column) => column.primaryKey())
        .addColumn("sequence", "bigint", (column) => column.notNull())
        .addColumn("hash", sql.raw(bytes), (column) => column.notNull())
        .addColumn("signed_sequence", "bigint", (column) => column.notNull())
        .addColumn("public_key", sql.raw(bytes), (column) => column.notNull())
        .execute();
      await db
        .insertInto("audit_head")
        .values({
          place: 1,
          sequence: 0,
          hash: new Uint8Array(32),
          signed_sequence: 0,
          public_key: new Uint8Array(0),
        })
        .execute();
    },
    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ["audit_head", "audit_signatures", "audit_entries"]) {
        await db.schema.dropTable(table).execute();
      }
    },
  };
}
