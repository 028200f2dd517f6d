import type { LoginEndReason } from "../accounts/login-end.ts";
import type { Store } from "./open-store.ts";
import type { RevocationEventRow, TokenKind } from "./schema.ts";

/**
 * What was revoked, in order. Writing is a part of the transaction that revokes (`endLogins`, `endTokens`, `addEvents`);
 * reading is for whoever holds channels that stand on it, in this process or in another one that shares
 * the database.
 */
export interface RevocationEvents {
  lastSequence(): Promise<number>;
  /** In order, at most a page of them. */
  after(sequence: number): Promise<RevocationEventRow[]>;
  /** Why it ended last; undefined where that was never written or is long ago. */
  reasonOf(kind: "login" | "token", subject: string): Promise<LoginEndReason | undefined>;
  /** Whoever missed them by so much has been started anew since. */
  forgetBefore(atMs: number): Promise<void>;
}

const pageSize = 1000;

export function makeRevocationEvents(store: Store): RevocationEvents {
  return {
    async lastSequence() {
      const row = await store
        .selectFrom("revocation_events")
        .select("sequence")
        .orderBy("sequence", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.sequence ?? 0;
    },

    after: (sequence) =>
      store
        .selectFrom("revocation_events")
        .selectAll()
        .where("sequence", ">", sequence)
        .orderBy("sequence")
        .limit(pageSize)
        .execute(),

    async reasonOf(kind, subject) {
      const row = await store
        .selectFrom("revocation_events")
        .select("reason")
        .where("kind", "=", kind)
        .where("subject", "=", subject)
        .orderBy("sequence", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.reason;
    },

    async forgetBefore(atMs) {
      await store.deleteFrom("revocation_events").where("at_ms", "<", atMs).execute();
    },
  };
}

/** Part of a transaction: which logins of a user end, and why. The number of them. */
export async function endLogins(
  db: Store,
  which: {
    readonly userId: string;
    /** This one alone. */
    readonly loginId?: string;
    /** All but this one. */
    readonly sparedLoginId?: string | null;
  },
  reason: LoginEndReason,
  atMs: number,
): Promise<number> {
  const { userId, loginId, sparedLoginId = null } = which;
  let query = db.deleteFrom("logins").where("user_id", "=", userId);
  if (loginId !== undefined) query = query.where("login_id", "=", loginId);
  if (sparedLoginId !== null) query = query.where("login_id", "!=", sparedLoginId);
  const ended = await query.returning("login_id").execute();
  await addEvents(
    db,
    "login",
    ended.map((row) => row.login_id),
    reason,
    atMs,
  );
  return ended.length;
}

/** Part of a transaction: which tokens end with whatever they issued, and why. The number of them. */
export async function endTokens(
  db: Store,
  which: {
    readonly userId?: string;
    /** This one alone. */
    readonly tokenId?: string;
    readonly kind?: TokenKind;
  },
  reason: LoginEndReason,
  atMs: number,
): Promise<number> {
  const { userId, tokenId, kind } = which;
  if (userId === undefined && tokenId === undefined) return 0;
  let query = db.deleteFrom("api_tokens");
  if (userId !== undefined) query = query.where("user_id", "=", userId);
  if (tokenId !== undefined) query = query.where("token_id", "=", tokenId);
  if (kind !== undefined) query = query.where("kind", "=", kind);
  let ended = (await query.returning("token_id").execute()).map((row) => row.token_id);
  let count = 0;
  while (ended.length > 0) {
    count += ended.length;
    await addEvents(db, "token", ended, reason, atMs);
    const children = await db
      .deleteFrom("api_tokens")
      .where("parent_token_id", "in", ended)
      .returning("token_id")
      .execute();
    ended = children.map((row) => row.token_id);
  }
  return count;
}

/** Part of a transaction. */
export async function addEvents(
  db: Store,
  kind: RevocationEventRow["kind"],
  subjects: readonly string[],
  reason: LoginEndReason,
  atMs: number,
): Promise<void> {
  for (const subject of subjects) {
    await db
      .insertInto("revocation_events")
      .values({ kind, subject, reason, at_ms: atMs })
      .execute();
  }
}
