import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Bytes } from "../dialect.ts";

/** The first tables. `bytes` is the one type that databases name differently. */
export function workspacesAndWorkers(bytes: Bytes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("workspaces")
        .addColumn("workspace_id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("created_at_ms", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("workspaces_of_user")
        .on("workspaces")
        .columns(["user_id", "created_at_ms"])
        .execute();
      await db.schema
        .createTable("tabs")
        .addColumn("tab_id", "text", (column) => column.primaryKey())
        .addColumn("workspace_id", "text", (column) =>
          column.notNull().references("workspaces.workspace_id").onDelete("cascade"),
        )
        .addColumn("worker_id", "text", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("position", "text", (column) => column.notNull())
        .addUniqueConstraint("tabs_place", ["workspace_id", "position"])
        .execute();
      await db.schema.createIndex("tabs_of_worker").on("tabs").column("worker_id").execute();
      await db.schema
        .createTable("workers")
        .addColumn("worker_id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("composite_public_key", sql.raw(bytes), (column) => column.notNull())
        .addColumn("encryption_mode", "text", (column) => column.notNull())
        .addColumn("token_hash", "text", (column) => column.notNull())
        .addColumn("bundled", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("created_at_ms", "bigint", (column) => column.notNull())
        .addColumn("last_seen_at_ms", "bigint", (column) => column.notNull().defaultTo(0))
        .execute();
      await db.schema
        .createTable("registration_keys")
        .addColumn("key_hash", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
        .addColumn("used_at_ms", "bigint")
        .execute();
    },
    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ["registration_keys", "workers", "tabs", "workspaces"]) {
        await db.schema.dropTable(table).execute();
      }
    },
  };
}
