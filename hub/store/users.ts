import { sql } from "kysely";
import type { Store } from "./open-store.ts";
import { addEvents, endLogins, endTokens } from "./revocation-events.ts";
import type { Role, UserRow } from "./schema.ts";
import { isStillAdmin } from "./standing.ts";
import { readSummary, selectSummaries, type UserSummary } from "./user-summaries.ts";

/** The accounts. What must not be broken by two who act at once is asked inside the transaction. */
export interface Users {
  isEmpty(): Promise<boolean>;
  find(userId: string): Promise<UserRow | undefined>;
  findByName(username: string): Promise<UserRow | undefined>;
  /** The admin who is there longest. */
  firstAdmin(): Promise<UserRow | undefined>;
  /** A page by user name, in one query: nothing is asked for each. */
  list(page: UserPage): Promise<UserSummary[]>;
  /** The first account of the hub: of two who race one wins. */
  createFirst(user: NewUser): Promise<"created" | "set_up_before">;
  create(user: NewUser): Promise<"created" | "username_taken" | "limit_reached">;
  rename(userId: string, displayName: string): Promise<void>;
  setRole(
    userId: string,
    role: Role,
    by: Actor,
  ): Promise<"changed" | "not_found" | "last_admin" | "admin_required">;
  /** Ends every login but the acting one, and every token. Refused when the account changed since the old one was checked. */
  changePassword(change: {
    readonly userId: string;
    readonly epoch: number;
    readonly passwordHash: string;
    readonly loginId: string;
    readonly atMs: number;
  }): Promise<"changed" | "refused">;
  /** The same password, hashed in another way: nothing ends. Nothing happens once another one was chosen. */
  replacePasswordHash(userId: string, former: string, next: string): Promise<void>;
  /** With all that is theirs. */
  remove(
    userId: string,
    atMs: number,
    by: Actor,
  ): Promise<"removed" | "not_found" | "last_admin" | "admin_required">;
}

/** The admin who acts upon another account. Null: its owner, or whoever has the hub's console. */
export type Actor = string | null;

export type NewUser = Omit<UserRow, "epoch" | "last_seen_at_ms">;

export interface UserPage {
  /** The user name that the page comes after; "" for the first page. */
  readonly after: string;
  readonly limit: number;
  /** What the user name or the display name must contain, in any case; "" for all. */
  readonly name: string;
}

/** What belongs to an account and to nothing else of it. */
const ownTables = [
  "registration_keys",
  "approval_requests",
  "grants",
  "device_revocations",
] as const;

export function makeUsers(store: Store, limits: { readonly maxUsers: number }): Users {
  return {
    async isEmpty() {
      const row = await store.selectFrom("users").select("user_id").limit(1).executeTakeFirst();
      return row === undefined;
    },

    find: (userId) => findUser(store, userId),

    findByName: (username) =>
      store.selectFrom("users").selectAll().where("username", "=", username).executeTakeFirst(),

    firstAdmin: () =>
      store
        .selectFrom("users")
        .selectAll()
        .where("role", "=", "admin")
        .orderBy("created_at_ms")
        .orderBy("user_id")
        .limit(1)
        .executeTakeFirst(),

    async list({ after, limit, name }) {
      const part = `%${name.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`;
      const rows = await selectSummaries(store)
        .where("username", ">", after)
        .$if(name !== "", (query) =>
          query.where(
            (of) =>
              sql<boolean>`(${of.ref("username")} like ${part} escape '\\'
                or lower(${of.ref("display_name")}) like ${part} escape '\\')`,
          ),
        )
        .orderBy("username")
        .limit(limit)
        .execute();
      return rows.map(readSummary);
    },

    createFirst: (user) =>
      store.transaction().execute(async (db) => {
        const taken = await db.selectFrom("users").select("user_id").limit(1).executeTakeFirst();
        if (taken !== undefined) return "set_up_before";
        const placed = await db
          .insertInto("set_up")
          .values({ place: 1, at_ms: user.created_at_ms })
          .onConflict((conflict) => conflict.doNothing())
          .returning("place")
          .executeTakeFirst();
        if (placed === undefined) return "set_up_before";
        await db.insertInto("users").values(user).execute();
        return "created";
      }),

    create: (user) => store.transaction().execute((db) => insertUser(db, user, limits.maxUsers)),

    async rename(userId, displayName) {
      await store
        .updateTable("users")
        .set({ display_name: displayName })
        .where("user_id", "=", userId)
        .execute();
    },

    setRole: (userId, role, by) =>
      store.transaction().execute(async (db) => {
        if (by !== null && !(await isStillAdmin(db, by))) return "admin_required";
        const user = await findUser(db, userId);
        if (user === undefined) return "not_found";
        if (role !== "admin" && (await isLastAdmin(db, user))) return "last_admin";
        await db.updateTable("users").set({ role }).where("user_id", "=", userId).execute();
        // What somebody may not do any more must not come true through a link that is under way.
        if (role !== "admin") {
          await db.deleteFrom("invitations").where("invited_by", "=", userId).execute();
        }
        return "changed";
      }),

    changePassword: ({ userId, epoch, passwordHash, loginId, atMs }) =>
      store.transaction().execute(async (db) => {
        const changed = await setPassword(db, userId, passwordHash, epoch);
        if (!changed) return "refused";
        await endLogins(db, { userId, sparedLoginId: loginId }, "password_changed", atMs);
        await endTokens(db, { userId }, "password_changed", atMs);
        await db.deleteFrom("invitations").where("resets_user_id", "=", userId).execute();
        return "changed";
      }),

    async replacePasswordHash(userId, former, next) {
      await store
        .updateTable("users")
        .set({ password_hash: next })
        .where("user_id", "=", userId)
        .where("password_hash", "=", former)
        .execute();
    },

    remove: (userId, atMs, by) =>
      store.transaction().execute(async (db) => {
        if (by !== null && !(await isStillAdmin(db, by))) return "admin_required";
        const user = await findUser(db, userId);
        if (user === undefined) return "not_found";
        if (await isLastAdmin(db, user)) return "last_admin";
        await endLogins(db, { userId }, "account_deleted", atMs);
        await endTokens(db, { userId }, "account_deleted", atMs);
        const workers = await db
          .deleteFrom("workers")
          .where("user_id", "=", userId)
          .returning("worker_id")
          .execute();
        const workerIds = workers.map((row) => row.worker_id);
        await addEvents(db, "worker", workerIds, "account_deleted", atMs);
        // Tabs go with their workspaces; invitations and logins with the account.
        await db.deleteFrom("workspaces").where("user_id", "=", userId).execute();
        for (const table of ownTables)
          await db.deleteFrom(table).where("user_id", "=", userId).execute();
        await db.deleteFrom("users").where("user_id", "=", userId).execute();
        return "removed";
      }),
  };
}

/** Part of a transaction. */
export async function insertUser(
  db: Store,
  user: NewUser,
  maxUsers: number,
): Promise<"created" | "username_taken" | "limit_reached"> {
  const { count } = await db
    .selectFrom("users")
    .select((of) => of.fn.countAll().as("count"))
    .executeTakeFirstOrThrow();
  if (Number(count) >= maxUsers) return "limit_reached";
  const created = await db
    .insertInto("users")
    .values(user)
    .onConflict((conflict) => conflict.column("username").doNothing())
    .returning("user_id")
    .executeTakeFirst();
  return created === undefined ? "username_taken" : "created";
}

/** Part of a transaction. Log-ins under way are worth nothing from here on. False: not at this epoch any more. */
export async function setPassword(
  db: Store,
  userId: string,
  passwordHash: string | null,
  epoch: number,
): Promise<boolean> {
  const changed = await db
    .updateTable("users")
    .set({ password_hash: passwordHash, epoch: epoch + 1 })
    .where("user_id", "=", userId)
    .where("epoch", "=", epoch)
    .returning("user_id")
    .executeTakeFirst();
  return changed !== undefined;
}

export function findUser(db: Store, userId: string): Promise<UserRow | undefined> {
  return db.selectFrom("users").selectAll().where("user_id", "=", userId).executeTakeFirst();
}

async function isLastAdmin(db: Store, user: UserRow): Promise<boolean> {
  if (user.role !== "admin") return false;
  const other = await db
    .selectFrom("users")
    .select("user_id")
    .where("role", "=", "admin")
    .where("user_id", "!=", user.user_id)
    .limit(1)
    .executeTakeFirst();
  return other === undefined;
}
