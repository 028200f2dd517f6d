import { sql, type ColumnDefinitionBuilder, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const columns = [
  ...["invitation_id", "token_hash", "role", "invited_by", "resets_user_id", "email"],
  ...["created_at_ms", "expires_at_ms"],
];
const indexes = [
  ["invitations_end", "expires_at_ms"],
  ["invitations_of_inviter", "invited_by"],
  ["invitations_that_reset", "resets_user_id"],
] as const;

/** An invitation may come from no account: from whoever administers on the data directory. */
export const invitationsOfTheConsole: Migration = {
  up: (db) => rebuild(db, (column) => column),
  async down(db) {
    await sql`delete from invitations where invited_by is null`.execute(db);
    await rebuild(db, (column) => column.notNull());
  },
};

/** SQLite changes no column, so the table is made anew; PostgreSQL can do the same. */
async function rebuild(
  db: Kysely<unknown>,
  invitedBy: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder,
): Promise<void> {
  const required = (column: ColumnDefinitionBuilder) => column.notNull();
  await db.schema
    .createTable("next_invitations")
    .addColumn("invitation_id", "text", (column) => column.primaryKey())
    .addColumn("token_hash", "text", (column) => column.notNull().unique())
    .addColumn("role", "text", required)
    .addColumn("invited_by", "text", (column) =>
      invitedBy(column).references("users.user_id").onDelete("cascade"),
    )
    .addColumn("resets_user_id", "text", (column) =>
      column.references("users.user_id").onDelete("cascade"),
    )
    .addColumn("email", "text", required)
    .addColumn("created_at_ms", "bigint", required)
    .addColumn("expires_at_ms", "bigint", required)
    .execute();
  const list = sql.join(columns.map((name) => sql.ref(name)));
  await sql`insert into next_invitations (${list}) select ${list} from invitations`.execute(db);
  await db.schema.dropTable("invitations").execute();
  await db.schema.alterTable("next_invitations").renameTo("invitations").execute();
  for (const [name, column] of indexes) {
    await db.schema.createIndex(name).on("invitations").column(column).execute();
  }
}
