import type { LoginEndReason } from "../accounts/login-end.ts";
import type { Store } from "./open-store.ts";
import { addEvents, endTokens } from "./revocation-events.ts";
import { rotateRefreshToken, type Rotated, type Rotation } from "./rotate-refresh-token.ts";
import type { ApiTokenRow, Role, TokenKind } from "./schema.ts";
import { isStillAdmin } from "./standing.ts";
import { findUser, type Actor } from "./users.ts";

/**
 * Tokens of programs. A row is a whole family: the access token of now, and the refresh tokens that it has
 * had. Whatever ends one writes the event with it, as for logins; the end of an access token alone leaves
 * the row, and a rotation begins its time anew.
 */
export interface ApiTokens {
  create(token: NewApiToken, basis: TokenBasis): Promise<"created" | WhyNoToken>;
  find(tokenId: string): Promise<OwnedToken | undefined>;
  /** As long as its access token is good. */
  findLive(tokenId: string, nowMs: number): Promise<OwnedToken | undefined>;
  findListed(tokenId: string): Promise<ListedToken | undefined>;
  /** Of one user. */
  list(userId: string, nowMs: number): Promise<ListedToken[]>;
  listPage(page: TokenPage): Promise<ListedToken[]>;
  revoke(
    which: { readonly tokenId: string; readonly userId?: string; readonly kind?: TokenKind },
    reason: LoginEndReason,
    atMs: number,
  ): Promise<boolean>;
  /** The same for an admin who acts upon another account. */
  revokeOf(
    which: { readonly tokenId: string; readonly kind: TokenKind },
    by: Actor,
    atMs: number,
  ): Promise<"revoked" | "not_found" | "admin_required">;
  /** Whether this token has, or had, that refresh token. */
  hasRefresh(tokenId: string, refreshHash: string): Promise<boolean>;
  rotate(rotation: Rotation): Promise<Rotated>;
  /** When each was used last. Never brings one back. */
  storeUses(uses: ReadonlyMap<string, number>): Promise<void>;
  /** Those whose time has passed, and those whose access token's has. */
  expire(nowMs: number): Promise<void>;
}

/** The account is not as it was, the issuer no admin any more, the issuing token over. */
export type WhyNoToken =
  | "owner_changed"
  | "admin_required"
  | "credential_revoked"
  | "limit_reached";

export interface NewApiToken extends Omit<ApiTokenRow, "access_ended"> {
  readonly refresh_hash: string;
}

export interface TokenBasis {
  /** Of the account that it is for, when whoever asked was checked. */
  readonly epoch: number;
  /** The account must be an admin's by now. */
  readonly needsAdmin: boolean;
  /** Who issues it for somebody else, by the role; null: the owner, or the console. */
  readonly issuer: string | null;
}

export interface OwnedToken extends ApiTokenRow {
  readonly role: Role;
}

export interface ListedToken extends ApiTokenRow {
  readonly username: string;
  /** Null: the console, or somebody who is gone. */
  readonly issuer_name: string | null;
}

export interface TokenPage {
  readonly kind: TokenKind;
  readonly userId?: string | undefined;
  readonly nowMs: number;
  readonly limit: number;
  readonly after: { readonly createdAtMs: number; readonly tokenId: string } | null;
}

export function makeApiTokens(
  store: Store,
  limits: { readonly maxTokensPerUser: number; readonly maxRefreshGenerations: number },
): ApiTokens {
  const owned = (tokenId: string) =>
    store
      .selectFrom("api_tokens")
      .innerJoin("users", "users.user_id", "api_tokens.user_id")
      .selectAll("api_tokens")
      .select("users.role")
      .where("token_id", "=", tokenId);

  const listed = () =>
    store
      .selectFrom("api_tokens")
      .innerJoin("users", "users.user_id", "api_tokens.user_id")
      .leftJoin("users as issuer", "issuer.user_id", "api_tokens.issued_by")
      .selectAll("api_tokens")
      .select(["users.username", "issuer.username as issuer_name"]);

  return {
    create: ({ refresh_hash: refreshHash, ...token }, { epoch, needsAdmin, issuer }) =>
      store.transaction().execute(async (db) => {
        const { token_id: tokenId, user_id: userId, created_at_ms: nowMs } = token;
        const user = await findUser(db, userId);
        if (user?.epoch !== epoch || (needsAdmin && user.role !== "admin")) {
          return "owner_changed";
        }
        if (!(await isStillAdmin(db, issuer))) return "admin_required";
        const { parent_token_id: parent } = token;
        if (parent !== null && !(await isThere(db, parent, nowMs))) return "credential_revoked";
        const { count } = await db
          .selectFrom("api_tokens")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", userId)
          .where("expires_at_ms", ">", nowMs)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxTokensPerUser) return "limit_reached";
        await db.insertInto("api_tokens").values(token).execute();
        await db
          .insertInto("refresh_tokens")
          .values({ refresh_hash: refreshHash, token_id: tokenId, generation: 1 })
          .execute();
        return "created";
      }),

    find: (tokenId) => owned(tokenId).executeTakeFirst(),

    findLive: (tokenId, nowMs) =>
      owned(tokenId).where("access_expires_at_ms", ">", nowMs).executeTakeFirst(),

    findListed: (tokenId) => listed().where("token_id", "=", tokenId).executeTakeFirst(),

    list: (userId, nowMs) =>
      listed()
        .where("api_tokens.user_id", "=", userId)
        .where("kind", "=", "api")
        .where("expires_at_ms", ">", nowMs)
        .orderBy("api_tokens.created_at_ms", "desc")
        .orderBy("token_id")
        .execute(),

    listPage({ kind, userId, nowMs, limit, after }) {
      let query = listed().where("kind", "=", kind).where("expires_at_ms", ">", nowMs);
      if (userId !== undefined) query = query.where("api_tokens.user_id", "=", userId);
      if (after !== null) {
        const { createdAtMs, tokenId } = after;
        query = query.where((of) =>
          of.or([
            of("api_tokens.created_at_ms", ">", createdAtMs),
            of.and([
              of("api_tokens.created_at_ms", "=", createdAtMs),
              of("token_id", ">", tokenId),
            ]),
          ]),
        );
      }
      return query.orderBy("api_tokens.created_at_ms").orderBy("token_id").limit(limit).execute();
    },

    revoke: (which, reason, atMs) =>
      store.transaction().execute(async (db) => {
        return (await endTokens(db, which, reason, atMs)) > 0;
      }),

    revokeOf: (which, by, atMs) =>
      store.transaction().execute(async (db) => {
        if (!(await isStillAdmin(db, by))) return "admin_required";
        const ended = await endTokens(db, which, "ended_by_admin", atMs);
        return ended > 0 ? "revoked" : "not_found";
      }),

    async hasRefresh(tokenId, refreshHash) {
      const row = await store
        .selectFrom("refresh_tokens")
        .select("token_id")
        .where("refresh_hash", "=", refreshHash)
        .executeTakeFirst();
      return row?.token_id === tokenId;
    },

    rotate: (rotation) => rotateRefreshToken(store, rotation, limits.maxRefreshGenerations),

    storeUses: (uses) =>
      store.transaction().execute(async (db) => {
        for (const [tokenId, atMs] of uses) {
          await db
            .updateTable("api_tokens")
            .set({ last_used_at_ms: atMs })
            .where("token_id", "=", tokenId)
            .execute();
        }
      }),

    expire: (nowMs) =>
      store.transaction().execute(async (db) => {
        const over = await db
          .selectFrom("api_tokens")
          .select("token_id")
          .where("expires_at_ms", "<=", nowMs)
          .execute();
        for (const { token_id: tokenId } of over) {
          await endTokens(db, { tokenId }, "expired", nowMs);
        }
        const ended = await db
          .updateTable("api_tokens")
          .set({ access_ended: 1 })
          .where("access_ended", "=", 0)
          .where("access_expires_at_ms", "<=", nowMs)
          .returning("token_id")
          .execute();
        const ids = ended.map((row) => row.token_id);
        await addEvents(db, "token", ids, "expired", nowMs);
      }),
  };
}

async function isThere(db: Store, tokenId: string, nowMs: number): Promise<boolean> {
  const row = await db
    .selectFrom("api_tokens")
    .select("token_id")
    .where("token_id", "=", tokenId)
    .where("access_expires_at_ms", ">", nowMs)
    .executeTakeFirst();
  return row !== undefined;
}
