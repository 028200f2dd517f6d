import { sql, type ColumnDefinitionBuilder, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Bytes } from "../dialect.ts";

/** Second factors and passkeys. */
export function factors(bytes: Bytes): Migration {
  const ofUser = (column: ColumnDefinitionBuilder) =>
    column.notNull().references("users.user_id").onDelete("cascade");

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("totp")
        .addColumn("user_id", "text", (column) => ofUser(column).primaryKey())
        .addColumn("secret", sql.raw(bytes), (column) => column.notNull())
        .addColumn("last_step", "bigint", (column) => column.notNull())
        .addColumn("created_at_ms", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("recovery_codes")
        .addColumn("code_hash", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", ofUser)
        .execute();
      await db.schema
        .createIndex("recovery_codes_of_user")
        .on("recovery_codes")
        .column("user_id")
        .execute();
      await db.schema
        .createTable("passkeys")
        .addColumn("credential_id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", ofUser)
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("public_key", sql.raw(bytes), (column) => column.notNull())
        .addColumn("counter", "bigint", (column) => column.notNull())
        .addColumn("transports", "text", (column) => column.notNull())
        .addColumn("created_at_ms", "bigint", (column) => column.notNull())
        .addColumn("last_used_at_ms", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("passkeys_of_user")
        .on("passkeys")
        .columns(["user_id", "created_at_ms"])
        .execute();
    },
    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ["passkeys", "recovery_codes", "totp"]) {
        await db.schema.dropTable(table).execute();
      }
    },
  };
}
