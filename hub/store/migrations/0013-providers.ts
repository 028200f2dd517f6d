import { sql, type ColumnDefinitionBuilder, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Bytes } from "../dialect.ts";

/** Providers of identities, whose they are here, and accounts that are about to be made of one. */
export function providers(bytes: Bytes): Migration {
  const required = (column: ColumnDefinitionBuilder) => column.notNull();
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable("providers")
        .addColumn("provider_id", "text", (column) => column.primaryKey())
        .addColumn("type", "text", required)
        .addColumn("name", "text", required)
        .addColumn("issuer", "text", required)
        .addColumn("client_id", "text", required)
        .addColumn("client_secret", sql.raw(bytes), required)
        .addColumn("scopes", "text", required)
        .addColumn("form_post", "integer", required)
        .addColumn("trust_email", "integer", required)
        .addColumn("enabled", "integer", required)
        .addColumn("admin_claim", "text", required)
        .addColumn("admin_value", "text", required)
        .addColumn("created_at_ms", "bigint", required)
        .execute();
      await db.schema
        .createTable("identities")
        .addColumn("identity_id", "text", (column) => column.primaryKey())
        .addColumn("provider_id", "text", (column) =>
          column.notNull().references("providers.provider_id").onDelete("cascade"),
        )
        .addColumn("subject", "text", required)
        .addColumn("user_id", "text", (column) =>
          column.notNull().references("users.user_id").onDelete("cascade"),
        )
        .addColumn("email", "text", required)
        .addColumn("gave_admin", "integer", required)
        .addColumn("linked_at_ms", "bigint", required)
        .addUniqueConstraint("identity_of_provider", ["provider_id", "subject"])
        .execute();
      await db.schema
        .createIndex("identities_of_user")
        .on("identities")
        .columns(["user_id", "linked_at_ms"])
        .execute();
      await db.schema
        .createTable("pending_sign_ups")
        .addColumn("sign_up_id", "text", (column) => column.primaryKey())
        .addColumn("payload", sql.raw(bytes), required)
        .addColumn("expires_at_ms", "bigint", required)
        .execute();
      await db.schema
        .createIndex("pending_sign_ups_end")
        .on("pending_sign_ups")
        .column("expires_at_ms")
        .execute();
    },
    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ["pending_sign_ups", "identities", "providers"]) {
        await db.schema.dropTable(table).execute();
      }
    },
  };
}
