import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Bytes } from "../dialect.ts";

/** Accounts, their logins, invitations, and what was revoked. */
export function accounts(bytes: Bytes): Migration {
  const required = (column: ColumnDefinitionBuilder) => column.notNull();
  const counted = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0);
  /** Never given twice, not even after the last row has gone. */
  const numbered = (column: ColumnDefinitionBuilder) =>
    bytes === "blob"
      ? column.primaryKey().autoIncrement()
      : column.primaryKey().generatedAlwaysAsIdentity();

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("users")
        .addColumn("user_id", "text", (column) => column.primaryKey())
        .addColumn("username", "text", (column) => column.notNull().unique())
        .addColumn("display_name", "text", required)
        .addColumn("role", "text", required)
        .addColumn("password_hash", "text")
        .addColumn("epoch", "integer", counted)
        .addColumn("created_at_ms", "bigint", required)
        .addColumn("last_seen_at_ms", "bigint", counted)
        .execute();
      // One row at most, ever: of two who make the first account one finds it taken.
      await db.schema
        .createTable("set_up")
        .addColumn("place", "integer", (column) => column.primaryKey())
        .addColumn("at_ms", "bigint", required)
        .execute();
      await db.schema
        .createTable("logins")
        .addColumn("login_id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) =>
          column.notNull().references("users.user_id").onDelete("cascade"),
        )
        .addColumn("token_hash", "text", (column) => column.notNull().unique())
        .addColumn("created_at_ms", "bigint", required)
        .addColumn("last_seen_at_ms", "bigint", required)
        .addColumn("expires_at_ms", "bigint", required)
        .addColumn("user_agent", "text", required)
        .addColumn("address", "text", required)
        .addColumn("cli", "integer", counted)
        .execute();
      await db.schema.createIndex("logins_of_user").on("logins").column("user_id").execute();
      await db.schema.createIndex("logins_end").on("logins").column("expires_at_ms").execute();
      await db.schema
        .createTable("invitations")
        .addColumn("invitation_id", "text", (column) => column.primaryKey())
        .addColumn("token_hash", "text", (column) => column.notNull().unique())
        .addColumn("role", "text", required)
        .addColumn("invited_by", "text", (column) =>
          column.notNull().references("users.user_id").onDelete("cascade"),
        )
        .addColumn("resets_user_id", "text", (column) =>
          column.references("users.user_id").onDelete("cascade"),
        )
        .addColumn("email", "text", required)
        .addColumn("created_at_ms", "bigint", required)
        .addColumn("expires_at_ms", "bigint", required)
        .execute();
      await db.schema
        .createTable("revocation_events")
        .addColumn("sequence", "integer", numbered)
        .addColumn("kind", "text", required)
        .addColumn("subject", "text", required)
        .addColumn("reason", "text", required)
        .addColumn("at_ms", "bigint", required)
        .execute();
      await db.schema
        .createIndex("revocation_of_subject")
        .on("revocation_events")
        .columns(["kind", "subject"])
        .execute();
    },
    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ["revocation_events", "invitations", "logins", "set_up", "users"]) {
        await db.schema.dropTable(table).execute();
      }
    },
  };
}
