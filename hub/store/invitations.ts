import type { Store } from "./open-store.ts";
import { endLogins, endTokens } from "./revocation-events.ts";
import type { InvitationRow, UserRow } from "./schema.ts";
import { isStillAdmin } from "./standing.ts";
import { findUser, insertUser, setPassword, type Actor, type NewUser } from "./users.ts";

/**
 * One-time links: into the hub, or to a new password. A row goes when its link was used, so that of two who
 * race one wins, and what is not there is unknown, used, withdrawn or expired alike. Whoever makes one must be
 * an admin when it is written.
 */
export interface Invitations {
  invite(invitation: InvitationRow): Promise<"made" | "limit_reached" | "admin_required">;
  /** Takes the password, every identity, every login and every token away, with `alsoForget` in the same transaction. */
  reset(
    invitation: InvitationRow & { readonly resets_user_id: string },
    alsoForget: (db: Store, userId: string) => Promise<void>,
  ): Promise<"made" | "not_found" | "admin_required">;
  read(tokenHash: string, nowMs: number): Promise<InvitationView | undefined>;
  /** Those into the hub. */
  list(nowMs: number): Promise<InvitationView[]>;
  withdraw(invitationId: string, by: Actor): Promise<"withdrawn" | "not_found" | "admin_required">;
  /** It went to this address. */
  storeMailed(invitationId: string, email: string): Promise<void>;
  /** Makes the account, with the role that the invitation gives. */
  accept(tokenHash: string, nowMs: number, user: Omit<NewUser, "role">): Promise<Accepted>;
  acceptReset(tokenHash: string, nowMs: number, passwordHash: string): Promise<Accepted>;
}

export interface InvitationView extends InvitationRow {
  /** Null: from the console. */
  readonly invited_by_name: string | null;
  readonly resets_username: string | null;
}

export type Accepted =
  | { readonly ok: true; readonly user: UserRow }
  | {
      readonly ok: false;
      readonly reason: "token_refused" | "username_taken" | "limit_reached";
    };

const refused = { ok: false, reason: "token_refused" } as const;

export function makeInvitations(
  store: Store,
  limits: { readonly maxInvitations: number; readonly maxUsers: number },
): Invitations {
  const view = (nowMs: number) =>
    store
      .selectFrom("invitations")
      .leftJoin("users as inviter", "inviter.user_id", "invitations.invited_by")
      .leftJoin("users as reset", "reset.user_id", "invitations.resets_user_id")
      .selectAll("invitations")
      .select(["inviter.username as invited_by_name", "reset.username as resets_username"])
      .where("expires_at_ms", ">", nowMs);

  /** Taken out by whoever uses it. */
  const take = (db: Store, tokenHash: string, nowMs: number) =>
    db
      .deleteFrom("invitations")
      .where("token_hash", "=", tokenHash)
      .where("expires_at_ms", ">", nowMs)
      .returningAll()
      .executeTakeFirst();

  const forgetExpired = (db: Store, nowMs: number) =>
    db.deleteFrom("invitations").where("expires_at_ms", "<=", nowMs).execute();

  return {
    invite: (invitation) =>
      store.transaction().execute(async (db) => {
        if (!(await isStillAdmin(db, invitation.invited_by))) return "admin_required";
        await forgetExpired(db, invitation.created_at_ms);
        const { count } = await db
          .selectFrom("invitations")
          .select((of) => of.fn.countAll().as("count"))
          .where("resets_user_id", "is", null)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxInvitations) return "limit_reached";
        await db.insertInto("invitations").values(invitation).execute();
        return "made";
      }),

    reset: (invitation, alsoForget) =>
      store.transaction().execute(async (db) => {
        const { resets_user_id: userId, created_at_ms: nowMs } = invitation;
        if (!(await isStillAdmin(db, invitation.invited_by))) return "admin_required";
        const user = await findUser(db, userId);
        if (user === undefined) return "not_found";
        await setPassword(db, userId, null, user.epoch);
        await alsoForget(db, userId);
        await db.deleteFrom("identities").where("user_id", "=", userId).execute();
        await endLogins(db, { userId }, "password_reset", nowMs);
        await endTokens(db, { userId }, "password_reset", nowMs);
        await forgetExpired(db, nowMs);
        await db.deleteFrom("invitations").where("resets_user_id", "=", userId).execute();
        await db.insertInto("invitations").values(invitation).execute();
        return "made";
      }),

    read: (tokenHash, nowMs) => view(nowMs).where("token_hash", "=", tokenHash).executeTakeFirst(),

    list: (nowMs) =>
      view(nowMs)
        .where("resets_user_id", "is", null)
        .orderBy("invitations.created_at_ms")
        .orderBy("invitation_id")
        .execute(),

    withdraw: (invitationId, by) =>
      store.transaction().execute(async (db) => {
        if (!(await isStillAdmin(db, by))) return "admin_required";
        const gone = await db
          .deleteFrom("invitations")
          .where("invitation_id", "=", invitationId)
          .where("resets_user_id", "is", null)
          .returning("invitation_id")
          .executeTakeFirst();
        return gone === undefined ? "not_found" : "withdrawn";
      }),

    async storeMailed(invitationId, email) {
      await store
        .updateTable("invitations")
        .set({ email })
        .where("invitation_id", "=", invitationId)
        .execute();
    },

    accept: (tokenHash, nowMs, user) =>
      settle(store, async (db) => {
        const invitation = await take(db, tokenHash, nowMs);
        if (invitation === undefined || invitation.resets_user_id !== null) return refused;
        const { role } = invitation;
        const created = await insertUser(db, { ...user, role }, limits.maxUsers);
        if (created !== "created") return { ok: false, reason: created };
        return { ok: true, user: { ...user, role, epoch: 0, last_seen_at_ms: 0 } };
      }),

    acceptReset: (tokenHash, nowMs, passwordHash) =>
      settle(store, async (db) => {
        const invitation = await take(db, tokenHash, nowMs);
        const userId = invitation?.resets_user_id ?? null;
        const user = userId === null ? undefined : await findUser(db, userId);
        if (user === undefined) return refused;
        await setPassword(db, user.user_id, passwordHash, user.epoch);
        // None is left of before, unless somebody got in by other means meanwhile.
        await endLogins(db, { userId: user.user_id }, "password_reset", nowMs);
        await endTokens(db, { userId: user.user_id }, "password_reset", nowMs);
        const epoch = user.epoch + 1;
        return { ok: true, user: { ...user, epoch, password_hash: passwordHash } };
      }),
  };
}

/** A link that could not be used stays usable. */
async function settle(store: Store, run: (db: Store) => Promise<Accepted>): Promise<Accepted> {
  let outcome: Accepted = refused;
  try {
    await store.transaction().execute(async (db) => {
      outcome = await run(db);
      if (!outcome.ok) throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return outcome;
}

class Undo extends Error {}
