import type { Store } from "./open-store.ts";
import { addEvents } from "./revocation-events.ts";
import type { LoginRow } from "./schema.ts";
import { isStillAdmin } from "./standing.ts";
import type { Actor } from "./users.ts";

/** Logins of everybody, for admins. */
export interface LoginAdministration {
  /** Those that count, by id, behind `after`. */
  list(page: {
    readonly userId: string | null;
    readonly after: string;
    readonly limit: number;
    readonly nowMs: number;
  }): Promise<OwnedLogin[]>;
  /** With the event that closes what stands on it. */
  end(loginId: string, by: Actor, atMs: number): Promise<ActedUpon>;
  /** The rows of those whose time has passed, a batch at a time, so that nobody waits long for the database. */
  purge(nowMs: number): Promise<number>;
}

/** Whose it was. */
export type ActedUpon =
  | { readonly ok: true; readonly userId: string }
  | { readonly ok: false; readonly reason: "not_found" | "admin_required" };

export interface OwnedLogin extends LoginRow {
  readonly username: string;
}

export const purgeBatch = 1000;

export function makeLoginAdministration(store: Store): LoginAdministration {
  const purgeSome = (nowMs: number): Promise<number> =>
    store.transaction().execute(async (db) => {
      const ended = await db
        .deleteFrom("logins")
        .where("login_id", "in", (of) =>
          of
            .selectFrom("logins")
            .select("login_id")
            .where("expires_at_ms", "<=", nowMs)
            .limit(purgeBatch),
        )
        .returning("login_id")
        .execute();
      const ids = ended.map((row) => row.login_id);
      await addEvents(db, "login", ids, "expired", nowMs);
      return ids.length;
    });

  return {
    list: ({ userId, after, limit, nowMs }) =>
      store
        .selectFrom("logins")
        .innerJoin("users", "users.user_id", "logins.user_id")
        .selectAll("logins")
        .select("users.username")
        .where("login_id", ">", after)
        .where("expires_at_ms", ">", nowMs)
        .$if(userId !== null, (query) => query.where("logins.user_id", "=", userId ?? ""))
        .orderBy("login_id")
        .limit(limit)
        .execute(),

    end: (loginId, by, atMs) =>
      store.transaction().execute(async (db): Promise<ActedUpon> => {
        if (!(await isStillAdmin(db, by))) return { ok: false, reason: "admin_required" };
        const ended = await db
          .deleteFrom("logins")
          .where("login_id", "=", loginId)
          .returning("user_id")
          .executeTakeFirst();
        if (ended === undefined) return { ok: false, reason: "not_found" };
        await addEvents(db, "login", [loginId], "ended_by_admin", atMs);
        return { ok: true, userId: ended.user_id };
      }),

    async purge(nowMs) {
      let purged = 0;
      for (;;) {
        const count = await purgeSome(nowMs);
        purged += count;
        if (count < purgeBatch) return purged;
      }
    },
  };
}
