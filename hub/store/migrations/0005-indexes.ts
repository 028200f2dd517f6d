import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** For what would otherwise look through a whole table, which grows with the accounts. */
const indexes = [
  ["workers_of_user", "workers", ["user_id", "created_at_ms"]],
  ["registration_keys_of_user", "registration_keys", ["user_id"]],
  ["registration_keys_end", "registration_keys", ["expires_at_ms"]],
  ["approval_requests_end", "approval_requests", ["expires_at_ms"]],
  ["invitations_end", "invitations", ["expires_at_ms"]],
  // These two are asked by the foreign keys, when an account goes.
  ["invitations_of_inviter", "invitations", ["invited_by"]],
  ["invitations_that_reset", "invitations", ["resets_user_id"]],
  ["revocation_events_at", "revocation_events", ["at_ms"]],
  ["users_with_role", "users", ["role", "created_at_ms"]],
] as const;

export const indexesOfAccounts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, table, columns] of indexes) {
      await db.schema
        .createIndex(name)
        .on(table)
        .columns([...columns])
        .execute();
    }
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const [name] of indexes) await db.schema.dropIndex(name).execute();
  },
};
