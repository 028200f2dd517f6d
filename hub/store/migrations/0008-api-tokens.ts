import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Tokens of programs, and the refresh tokens that each of them has had. */
export const apiTokens: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const required = (column: ColumnDefinitionBuilder) => column.notNull();
    await db.schema
      .createTable("api_tokens")
      .addColumn("token_id", "text", (column) => column.primaryKey())
      .addColumn("kind", "text", required)
      .addColumn("user_id", "text", (column) =>
        column.notNull().references("users.user_id").onDelete("cascade"),
      )
      .addColumn("client_name", "text", required)
      .addColumn("scopes", "text", required)
      .addColumn("issued_by", "text", required)
      .addColumn("parent_token_id", "text")
      .addColumn("access_hash", "text", required)
      .addColumn("access_expires_at_ms", "bigint", required)
      .addColumn("access_ended", "integer", (column) => column.notNull().defaultTo(0))
      .addColumn("created_at_ms", "bigint", required)
      .addColumn("last_used_at_ms", "bigint", required)
      .addColumn("expires_at_ms", "bigint", required)
      .addColumn("ends_at_ms", "bigint", required)
      .execute();
    const indexes = {
      api_tokens_of_user: ["user_id"],
      api_tokens_of_parent: ["parent_token_id"],
      api_tokens_in_order: ["kind", "created_at_ms", "token_id"],
      api_tokens_access: ["access_ended", "access_expires_at_ms"],
      api_tokens_end: ["expires_at_ms"],
    };
    for (const [name, columns] of Object.entries(indexes)) {
      await db.schema.createIndex(name).on("api_tokens").columns(columns).execute();
    }
    await db.schema
      .createTable("refresh_tokens")
      .addColumn("refresh_hash", "text", (column) => column.primaryKey())
      .addColumn("token_id", "text", (column) =>
        column.notNull().references("api_tokens.token_id").onDelete("cascade"),
      )
      .addColumn("generation", "bigint", required)
      .addColumn("rotated_at_ms", "bigint")
      .execute();
    await db.schema
      .createIndex("refresh_tokens_of_token")
      .on("refresh_tokens")
      .columns(["token_id", "generation"])
      .execute();
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const table of ["refresh_tokens", "api_tokens"]) {
      await db.schema.dropTable(table).execute();
    }
  },
};
