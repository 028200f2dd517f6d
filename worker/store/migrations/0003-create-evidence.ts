import type { Migration } from "kysely/migration";

/** What happened on this worker, as a chain of hashes; `evidence_cut` is where what was forgotten ends. */
export const createEvidence: Migration = {
  async up(database) {
    await database.schema
      .createTable("evidence")
      .addColumn("sequence", "bigint", (column) => column.primaryKey())
      .addColumn("at_ms", "bigint", (column) => column.notNull())
      .addColumn("action", "text", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("device_id", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("count", "bigint", (column) => column.notNull())
      .addColumn("hash", "blob", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("evidence_cut")
      .addColumn("place", "bigint", (column) => column.primaryKey())
      .addColumn("sequence", "bigint", (column) => column.notNull())
      .addColumn("hash", "blob", (column) => column.notNull())
      .execute();
  },
};
