import type { Store } from "./open-store.ts";
import type { UserRow } from "./schema.ts";

/** An account as admins see it, counted in the same query: nothing is asked for each. */
export interface UserSummary extends UserRow {
  readonly logins: number;
  readonly workers: number;
  /** One-time codes or a passkey. */
  readonly hasFactor: boolean;
}

export function selectSummaries(store: Store) {
  return store
    .selectFrom("users")
    .selectAll("users")
    .select((of) => [
      of
        .selectFrom("logins")
        .select((inner) => inner.fn.countAll().as("count"))
        .whereRef("logins.user_id", "=", "users.user_id")
        .as("logins"),
      of
        .selectFrom("workers")
        .select((inner) => inner.fn.countAll().as("count"))
        .whereRef("workers.user_id", "=", "users.user_id")
        .as("workers"),
      of
        .or(
          (["totp", "passkeys"] as const).map((table) =>
            of.exists(
              of
                .selectFrom(table)
                .select(`${table}.user_id`)
                .whereRef(`${table}.user_id`, "=", "users.user_id"),
            ),
          ),
        )
        .as("hasFactor"),
    ]);
}

type SummaryRow = Awaited<ReturnType<ReturnType<typeof selectSummaries>["execute"]>>[number];

/** Counts come as whatever the database counts in. */
export function readSummary(row: SummaryRow): UserSummary {
  return {
    ...row,
    logins: Number(row.logins),
    workers: Number(row.workers),
    hasFactor: Boolean(row.hasFactor),
  };
}
