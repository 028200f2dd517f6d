import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Bytes } from "../dialect.ts";

/** What admins decided about the hub, and in which order. */
export function settings(bytes: Bytes): Migration {
  const required = (column: ColumnDefinitionBuilder) => column.notNull();
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("settings")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("value", "text")
        .addColumn("sealed", bytes)
        .addColumn("changed_by", "text", required)
        .addColumn("changed_at_ms", "bigint", required)
        .execute();
      await db.schema
        .createTable("setting_changes")
        .addColumn("sequence", "integer", (column) =>
          bytes === "blob"
            ? column.primaryKey().autoIncrement()
            : column.primaryKey().generatedAlwaysAsIdentity(),
        )
        .addColumn("name", "text", required)
        .addColumn("action", "text", required)
        .addColumn("changed_by", "text", required)
        .addColumn("at_ms", "bigint", required)
        .execute();
    },
    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ["setting_changes", "settings"]) {
        await db.schema.dropTable(table).execute();
      }
    },
  };
}
