import type { Migration } from "kysely/migration";

/** Whom this worker trusts, whom it no longer does, and who tried (protocol §7). */
export const createTrust: Migration = {
  async up(database) {
    await database.schema
      .createTable("roots")
      .addColumn("device_id", "text", (column) => column.primaryKey())
      .addColumn("public_key", "blob", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("source", "text", (column) => column.notNull())
      .addColumn("added_at_ms", "bigint", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("revocations")
      .addColumn("statement_id", "text", (column) => column.primaryKey())
      .addColumn("device_id", "text", (column) => column.notNull())
      .addColumn("public_key", "blob", (column) => column.notNull())
      .addColumn("issuer_device_id", "text")
      .addColumn("signed_revocation", "blob")
      .addColumn("received_at_ms", "bigint", (column) => column.notNull())
      .addColumn("overruled_at_ms", "bigint")
      .execute();
    await database.schema
      .createIndex("revocations_by_device")
      .on("revocations")
      .column("device_id")
      .execute();
    await database.schema
      .createTable("known_devices")
      .addColumn("device_id", "text", (column) => column.primaryKey())
      .addColumn("public_key", "blob", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("owner_id", "text", (column) => column.notNull())
      .addColumn("chain", "text", (column) => column.notNull())
      .addColumn("last_seen_at_ms", "bigint", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("pending_devices")
      .addColumn("device_id", "text", (column) => column.primaryKey())
      .addColumn("public_key", "blob", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("words", "text")
      .addColumn("seen_at_ms", "bigint", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("refused_openings")
      .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("at_ms", "bigint", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("device_id", "text", (column) => column.notNull())
      .addColumn("detail", "text", (column) => column.notNull())
      .execute();
  },
};
