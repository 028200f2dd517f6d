import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** When each grant came. Of those that are there nobody knows: their time begins now. */
export const ageOfGrants: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable("grants")
      .addColumn("put_at_ms", "bigint", (column) => column.notNull().defaultTo(0))
      .execute();
    await sql`update grants set put_at_ms = ${Date.now()}`.execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable("grants").dropColumn("put_at_ms").execute();
  },
};
