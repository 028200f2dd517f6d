import type { LoginEndReason } from "../accounts/login-end.ts";
import type { Store } from "./open-store.ts";
import { addEvents, endLogins, endTokens } from "./revocation-events.ts";
import type { LoginRow, Role } from "./schema.ts";
import { isStillAdmin } from "./standing.ts";

/**
 * Who is logged in. A row is the login: when it goes, or its time has passed, the token behind it is worth
 * nothing, and the event that says so is written with it.
 */
export interface Logins {
  /** Refused when the account changed since its password was checked, or is gone. */
  create(login: LoginRow, basis: LoginBasis): Promise<"created" | "refused">;
  findByToken(tokenHash: string, nowMs: number): Promise<LiveLogin | undefined>;
  /** Its time has passed, and nobody has looked for such since. */
  hasExpired(tokenHash: string, nowMs: number): Promise<boolean>;
  isLive(loginId: string, nowMs: number): Promise<boolean>;
  /** What its user may do by now. Undefined: it is over. */
  liveRole(loginId: string, nowMs: number): Promise<Role | undefined>;
  /** Never brings back one that is over. */
  touch(loginId: string, nowMs: number, expiresAtMs: number): Promise<void>;
  /** None lasts longer from its last use than this. */
  shorten(idleMs: number): Promise<void>;
  list(userId: string, nowMs: number): Promise<LoginRow[]>;
  end(userId: string, loginId: string, reason: LoginEndReason, atMs: number): Promise<boolean>;
  /**
   * Every one but the spared, and what is under way; the number of those that ended. Where none is spared
   * the tokens end with them.
   */
  endAll(
    userId: string,
    sparedLoginId: string | null,
    reason: LoginEndReason,
    atMs: number,
  ): Promise<number>;
  /** The same for an admin who acts upon another account. */
  endAllOf(userId: string, by: string | null, atMs: number): Promise<EndedByAdmin>;
  /** Those whose time has passed. */
  expire(nowMs: number): Promise<number>;
}

export type EndedByAdmin =
  | { readonly ok: true; readonly ended: number }
  | { readonly ok: false; readonly reason: "admin_required" | "not_found" };

export interface LoginBasis {
  /** Of the account, when it was checked. */
  readonly epoch: number;
  /** The login that vouches for this one (a command line's). */
  readonly approvedBy?: string;
}

export interface LiveLogin extends LoginRow {
  readonly role: Role;
}

export function makeLogins(store: Store, limits: { readonly maxLoginsPerUser: number }): Logins {
  return {
    create: (login, { epoch, approvedBy }) =>
      store.transaction().execute(async (db) => {
        const { user_id: userId, created_at_ms: nowMs } = login;
        const user = await db
          .updateTable("users")
          .set({ last_seen_at_ms: nowMs })
          .where("user_id", "=", userId)
          .where("epoch", "=", epoch)
          .returning("user_id")
          .executeTakeFirst();
        if (user === undefined) return "refused";
        if (approvedBy !== undefined) {
          const voucher = await db
            .selectFrom("logins")
            .select("login_id")
            .where("login_id", "=", approvedBy)
            .where("user_id", "=", userId)
            .where("expires_at_ms", ">", nowMs)
            .executeTakeFirst();
          if (voucher === undefined) return "refused";
        }
        // The ones that nobody used for longest make room.
        const surplus = await db
          .selectFrom("logins")
          .select("login_id")
          .where("user_id", "=", userId)
          .orderBy("last_seen_at_ms", "desc")
          .orderBy("login_id")
          .offset(limits.maxLoginsPerUser - 1)
          .limit(limits.maxLoginsPerUser)
          .execute();
        for (const { login_id: loginId } of surplus) {
          await endLogins(db, { userId, loginId }, "ended_by_user", nowMs);
        }
        await db.insertInto("logins").values(login).execute();
        return "created";
      }),

    findByToken: (tokenHash, nowMs) =>
      store
        .selectFrom("logins")
        .innerJoin("users", "users.user_id", "logins.user_id")
        .selectAll("logins")
        .select("users.role")
        .where("token_hash", "=", tokenHash)
        .where("expires_at_ms", ">", nowMs)
        .executeTakeFirst(),

    async hasExpired(tokenHash, nowMs) {
      const row = await store
        .selectFrom("logins")
        .select("login_id")
        .where("token_hash", "=", tokenHash)
        .where("expires_at_ms", "<=", nowMs)
        .executeTakeFirst();
      return row !== undefined;
    },

    async isLive(loginId, nowMs) {
      const row = await store
        .selectFrom("logins")
        .select("login_id")
        .where("login_id", "=", loginId)
        .where("expires_at_ms", ">", nowMs)
        .executeTakeFirst();
      return row !== undefined;
    },

    async liveRole(loginId, nowMs) {
      const row = await store
        .selectFrom("logins")
        .innerJoin("users", "users.user_id", "logins.user_id")
        .select("users.role")
        .where("login_id", "=", loginId)
        .where("expires_at_ms", ">", nowMs)
        .executeTakeFirst();
      return row?.role;
    },

    touch: (loginId, nowMs, expiresAtMs) =>
      store.transaction().execute(async (db) => {
        const touched = await db
          .updateTable("logins")
          .set({ last_seen_at_ms: nowMs, expires_at_ms: expiresAtMs })
          .where("login_id", "=", loginId)
          .where("expires_at_ms", ">", nowMs)
          .returning("user_id")
          .executeTakeFirst();
        if (touched === undefined) return;
        await db
          .updateTable("users")
          .set({ last_seen_at_ms: nowMs })
          .where("user_id", "=", touched.user_id)
          .execute();
      }),

    async shorten(idleMs) {
      await store
        .updateTable("logins")
        .set((of) => ({ expires_at_ms: of("last_seen_at_ms", "+", idleMs) }))
        .where((of) => of("expires_at_ms", ">", of("last_seen_at_ms", "+", idleMs)))
        .execute();
    },

    list: (userId, nowMs) =>
      store
        .selectFrom("logins")
        .selectAll()
        .where("user_id", "=", userId)
        .where("expires_at_ms", ">", nowMs)
        .orderBy("last_seen_at_ms", "desc")
        .orderBy("login_id")
        .execute(),

    end: (userId, loginId, reason, atMs) =>
      store.transaction().execute(async (db) => {
        return (await endLogins(db, { userId, loginId }, reason, atMs)) > 0;
      }),

    endAll: (userId, sparedLoginId, reason, atMs) =>
      store.transaction().execute(async (db) => {
        await endWhatIsUnderWay(db, userId);
        if (sparedLoginId === null) await endTokens(db, { userId }, reason, atMs);
        return await endLogins(db, { userId, sparedLoginId }, reason, atMs);
      }),

    endAllOf: (userId, by, atMs) =>
      store.transaction().execute(async (db): Promise<EndedByAdmin> => {
        if (by !== null && !(await isStillAdmin(db, by))) {
          return { ok: false, reason: "admin_required" };
        }
        if (!(await endWhatIsUnderWay(db, userId))) return { ok: false, reason: "not_found" };
        await endTokens(db, { userId }, "ended_by_admin", atMs);
        return { ok: true, ended: await endLogins(db, { userId }, "ended_by_admin", atMs) };
      }),

    expire: (nowMs) =>
      store.transaction().execute(async (db) => {
        const ended = await db
          .deleteFrom("logins")
          .where("expires_at_ms", "<=", nowMs)
          .returning("login_id")
          .execute();
        const ids = ended.map((row) => row.login_id);
        await addEvents(db, "login", ids, "expired", nowMs);
        return ended.length;
      }),
  };
}

/** Part of a transaction. False: there is no such account. */
async function endWhatIsUnderWay(db: Store, userId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("users")
    .set((of) => ({ epoch: of("epoch", "+", 1) }))
    .where("user_id", "=", userId)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
