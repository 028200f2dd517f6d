import { findUser, insertUser, setPassword, type Actor, type NewUser } from "./users.ts";
import type { Store } from "./open-store.ts";
import { endLogins, endTokens } from "./revocation-events.ts";
import { isStillAdmin } from "./standing.ts";
import { readSummary, selectSummaries, type UserSummary } from "./user-summaries.ts";

/** What admins do to the account of somebody else. */
export interface UserAdministration {
  describe(userId: string): Promise<UserSummary | undefined>;
  create(
    user: NewUser,
    by: Actor,
  ): Promise<"created" | "username_taken" | "limit_reached" | "admin_required">;
  /** What is undefined stays. */
  update(
    userId: string,
    change: { readonly username?: string; readonly displayName?: string },
    by: Actor,
  ): Promise<"updated" | "not_found" | "username_taken" | "admin_required">;
  /** Ends every login and token, what is under way and open links to a new password, with `alsoForget` in the same transaction. */
  setPassword(
    change: { readonly userId: string; readonly passwordHash: string; readonly atMs: number },
    alsoForget: (db: Store, userId: string) => Promise<void>,
    by: Actor,
  ): Promise<{ readonly endedLogins: number } | "not_found" | "admin_required">;
}

export function makeUserAdministration(
  store: Store,
  limits: { readonly maxUsers: number },
): UserAdministration {
  return {
    async describe(userId) {
      const row = await selectSummaries(store).where("user_id", "=", userId).executeTakeFirst();
      return row && readSummary(row);
    },

    create: (user, by) =>
      store.transaction().execute(async (db) => {
        if (!(await isStillAdmin(db, by))) return "admin_required";
        return await insertUser(db, user, limits.maxUsers);
      }),

    update: (userId, { username, displayName }, by) =>
      store.transaction().execute(async (db) => {
        if (!(await isStillAdmin(db, by))) return "admin_required";
        if ((await findUser(db, userId)) === undefined) return "not_found";
        if (username !== undefined) {
          const bearer = await db
            .selectFrom("users")
            .select("user_id")
            .where("username", "=", username)
            .where("user_id", "!=", userId)
            .executeTakeFirst();
          if (bearer !== undefined) return "username_taken";
        }
        await db
          .updateTable("users")
          .set({
            ...(username === undefined ? {} : { username }),
            ...(displayName === undefined ? {} : { display_name: displayName }),
          })
          .where("user_id", "=", userId)
          .execute();
        return "updated";
      }),

    setPassword: ({ userId, passwordHash, atMs }, alsoForget, by) =>
      store.transaction().execute(async (db) => {
        if (!(await isStillAdmin(db, by))) return "admin_required";
        const user = await findUser(db, userId);
        if (user === undefined) return "not_found";
        await setPassword(db, userId, passwordHash, user.epoch);
        await alsoForget(db, userId);
        await db.deleteFrom("invitations").where("resets_user_id", "=", userId).execute();
        await endTokens(db, { userId }, "password_reset", atMs);
        return { endedLogins: await endLogins(db, { userId }, "password_reset", atMs) };
      }),
  };
}
