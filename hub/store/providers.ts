import type { Store } from "./open-store.ts";
import type { ProviderRow } from "./schema.ts";

/** With whom people can sign in. A row never changes but for being switched on and off. */
export interface Providers {
  add(row: ProviderRow): Promise<"added" | "limit_reached">;
  find(providerId: string): Promise<ProviderRow | undefined>;
  list(): Promise<ListedProvider[]>;
  /** For the log-in page. */
  listEnabled(): Promise<Pick<ProviderRow, "provider_id" | "name" | "type">[]>;
  setEnabled(providerId: string, isEnabled: boolean): Promise<boolean>;
  /** With the identities of it. Refused where people have no other way in, unless forced. */
  remove(providerId: string, options: { readonly force: boolean }): Promise<ProviderRemoval>;
}

export interface ListedProvider extends ProviderRow {
  /** Accounts that are linked. */
  readonly identities: number;
  /** Accounts that have no other way in. */
  readonly soleWays: number;
}

export type ProviderRemoval =
  | { readonly ok: true; readonly unlinked: number; readonly lockedOut: number }
  | { readonly ok: false; readonly reason: "not_found" }
  | { readonly ok: false; readonly reason: "sole_way_in"; readonly lockedOut: number };

export function makeProviders(store: Store, limits: { readonly maxProviders: number }): Providers {
  return {
    add: (row) =>
      store.transaction().execute(async (db) => {
        const { count } = await db
          .selectFrom("providers")
          .select((of) => of.fn.countAll().as("count"))
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxProviders) return "limit_reached";
        await db.insertInto("providers").values(row).execute();
        return "added";
      }),

    find: (providerId) =>
      store
        .selectFrom("providers")
        .selectAll()
        .where("provider_id", "=", providerId)
        .executeTakeFirst(),

    async list() {
      const rows = await store
        .selectFrom("providers")
        .selectAll()
        .orderBy("created_at_ms")
        .orderBy("provider_id")
        .execute();
      const listed = [];
      for (const row of rows) {
        listed.push({ ...row, ...(await countIdentities(store, row.provider_id)) });
      }
      return listed;
    },

    listEnabled: () =>
      store
        .selectFrom("providers")
        .select(["provider_id", "name", "type"])
        .where("enabled", "=", 1)
        .orderBy("created_at_ms")
        .orderBy("provider_id")
        .execute(),

    async setEnabled(providerId, isEnabled) {
      const changed = await store
        .updateTable("providers")
        .set({ enabled: isEnabled ? 1 : 0 })
        .where("provider_id", "=", providerId)
        .returning("provider_id")
        .executeTakeFirst();
      return changed !== undefined;
    },

    remove: (providerId, { force }) =>
      store
        .transaction()
        .execute(async (db): Promise<ProviderRemoval> => {
          // First a write, so that nobody links an identity meanwhile.
          const found = await db
            .updateTable("providers")
            .set({ enabled: 0 })
            .where("provider_id", "=", providerId)
            .where("enabled", ">=", 0)
            .returning("provider_id")
            .executeTakeFirst();
          if (found === undefined) return { ok: false, reason: "not_found" };
          const { identities, soleWays } = await countIdentities(db, providerId);
          if (soleWays > 0 && !force) {
            throw new SoleWayIn(soleWays);
          }
          await db.deleteFrom("providers").where("provider_id", "=", providerId).execute();
          return { ok: true, unlinked: identities, lockedOut: soleWays };
        })
        .catch((error: unknown) => {
          if (!(error instanceof SoleWayIn)) throw error;
          return { ok: false, reason: "sole_way_in", lockedOut: error.count } as const;
        }),
  };
}

/** Takes the transaction back. */
class SoleWayIn extends Error {
  readonly count: number;
  constructor(count: number) {
    super();
    this.count = count;
  }
}

async function countIdentities(
  db: Store,
  providerId: string,
): Promise<{ identities: number; soleWays: number }> {
  const linked = await db
    .selectFrom("identities")
    .select((of) => of.fn.countAll().as("count"))
    .where("provider_id", "=", providerId)
    .executeTakeFirstOrThrow();
  const sole = await db
    .selectFrom("users")
    .select((of) => of.fn.countAll().as("count"))
    .where("password_hash", "is", null)
    .where("users.user_id", "in", (of) =>
      of
        .selectFrom("identities")
        .select("identities.user_id")
        .where("provider_id", "=", providerId),
    )
    .where((of) =>
      of.not(
        of.or([
          of.exists(
            of
              .selectFrom("passkeys")
              .select("passkeys.user_id")
              .whereRef("passkeys.user_id", "=", "users.user_id"),
          ),
          of.exists(
            of
              .selectFrom("identities as other")
              .innerJoin("providers as via", "via.provider_id", "other.provider_id")
              .select("other.user_id")
              .whereRef("other.user_id", "=", "users.user_id")
              .where("via.enabled", "=", 1)
              .where("via.provider_id", "!=", providerId),
          ),
        ]),
      ),
    )
    .executeTakeFirstOrThrow();
  return { identities: Number(linked.count), soleWays: Number(sole.count) };
}
