import type { Store } from "./open-store.ts";
import type { IdentityRow, UserRow } from "./schema.ts";
import { stillStands, type Standing } from "./standing.ts";
import { insertUser, type NewUser } from "./users.ts";
import { hasWayIn } from "./ways-in.ts";

/** Whose account an identity of a provider is. One identity is one account's; an account may have many. */
export interface Identities {
  findUser(providerId: string, subject: string): Promise<LinkedUser | undefined>;
  list(userId: string): Promise<ListedIdentity[]>;
  /** To the account that stands behind a login. */
  link(row: IdentityRow, standing: Standing): Promise<Linked>;
  /** A new account for it. */
  signUp(user: NewUser, row: IdentityRow): Promise<SignedUp>;
  /** Refused where nothing else lets its owner in. */
  unlink(
    userId: string,
    identityId: string,
    standing: Standing,
  ): Promise<"unlinked" | "not_found" | "sole_way_in" | "credential_revoked">;
  /** What its claim did to the role. */
  setGaveAdmin(identityId: string, gaveAdmin: boolean): Promise<void>;
}

export interface LinkedUser {
  readonly identity: IdentityRow;
  readonly user: UserRow;
}

export interface ListedIdentity extends IdentityRow {
  readonly provider_name: string;
}

export type Linked =
  | "linked"
  | "already_linked"
  | "taken"
  | "limit_reached"
  | "provider_gone"
  | "credential_revoked";

export type SignedUp = "created" | "username_taken" | "limit_reached" | "taken" | "provider_gone";

export function makeIdentities(
  store: Store,
  limits: { readonly maxUsers: number; readonly maxIdentitiesPerUser: number },
): Identities {
  return {
    async findUser(providerId, subject) {
      const identity = await findIdentity(store, providerId, subject);
      if (identity === undefined) return undefined;
      const user = await store
        .selectFrom("users")
        .selectAll()
        .where("user_id", "=", identity.user_id)
        .executeTakeFirst();
      return user && { identity, user };
    },

    list: (userId) =>
      store
        .selectFrom("identities")
        .innerJoin("providers", "providers.provider_id", "identities.provider_id")
        .selectAll("identities")
        .select("providers.name as provider_name")
        .where("identities.user_id", "=", userId)
        .orderBy("linked_at_ms")
        .orderBy("identity_id")
        .execute(),

    link: (row, standing) =>
      store.transaction().execute(async (db) => {
        if (!(await stillStands(db, row.user_id, standing))) return "credential_revoked";
        if (!(await isProviderEnabled(db, row.provider_id))) return "provider_gone";
        const { count } = await db
          .selectFrom("identities")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", row.user_id)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxIdentitiesPerUser) return "limit_reached";
        if (await insertIdentity(db, row)) return "linked";
        const other = await findIdentity(db, row.provider_id, row.subject);
        return other?.user_id === row.user_id ? "already_linked" : "taken";
      }),

    async signUp(user, row) {
      let outcome: SignedUp = "taken";
      try {
        await store.transaction().execute(async (db) => {
          outcome = await insertUser(db, user, limits.maxUsers);
          if (outcome !== "created") return;
          if (!(await isProviderEnabled(db, row.provider_id))) outcome = "provider_gone";
          else if (!(await insertIdentity(db, row))) outcome = "taken";
          if (outcome !== "created") throw new Undo();
        });
      } catch (error) {
        if (!(error instanceof Undo)) throw error;
      }
      return outcome;
    },

    async unlink(userId, identityId, standing) {
      return store.transaction().execute(async (db) => {
        if (!(await stillStands(db, userId, standing))) return "credential_revoked";
        const found = await db
          .selectFrom("identities")
          .select("identity_id")
          .where("identity_id", "=", identityId)
          .where("user_id", "=", userId)
          .executeTakeFirst();
        if (found === undefined) return "not_found";
        if (!(await hasWayIn(db, userId, { identityId }))) return "sole_way_in";
        await db.deleteFrom("identities").where("identity_id", "=", identityId).execute();
        return "unlinked";
      });
    },

    async setGaveAdmin(identityId, gaveAdmin) {
      await store
        .updateTable("identities")
        .set({ gave_admin: gaveAdmin ? 1 : 0 })
        .where("identity_id", "=", identityId)
        .execute();
    },
  };
}

/** Takes the transaction back. */
class Undo extends Error {}

function findIdentity(
  db: Store,
  providerId: string,
  subject: string,
): Promise<IdentityRow | undefined> {
  return db
    .selectFrom("identities")
    .selectAll()
    .where("provider_id", "=", providerId)
    .where("subject", "=", subject)
    .executeTakeFirst();
}

async function isProviderEnabled(db: Store, providerId: string): Promise<boolean> {
  const row = await db
    .selectFrom("providers")
    .select("provider_id")
    .where("provider_id", "=", providerId)
    .where("enabled", "=", 1)
    .executeTakeFirst();
  return row !== undefined;
}

async function insertIdentity(db: Store, row: IdentityRow): Promise<boolean> {
  const added = await db
    .insertInto("identities")
    .values(row)
    .onConflict((conflict) => conflict.columns(["provider_id", "subject"]).doNothing())
    .returning("identity_id")
    .executeTakeFirst();
  return added !== undefined;
}
