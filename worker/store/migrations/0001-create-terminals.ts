import type { Migration } from "kysely/migration";

export const createTerminals: Migration = {
  async up(database) {
    await database.schema
      .createTable("terminals")
      .addColumn("terminal_id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull())
      .addColumn("workspace_id", "text", (column) => column.notNull())
      .addColumn("manual_title", "text", (column) => column.notNull())
      .addColumn("program_title", "text", (column) => column.notNull())
      .addColumn("directory", "text", (column) => column.notNull())
      .addColumn("shell", "text", (column) => column.notNull())
      .addColumn("cols", "integer", (column) => column.notNull())
      .addColumn("rows", "integer", (column) => column.notNull())
      .addColumn("exit_code", "integer")
      .addColumn("exit_signal", "integer")
      .addColumn("snapshot", "blob")
      .addColumn("created_at_ms", "bigint", (column) => column.notNull())
      .execute();
  },
};
