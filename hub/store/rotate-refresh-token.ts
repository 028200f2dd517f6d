import type { Store } from "./open-store.ts";
import { endTokens } from "./revocation-events.ts";

/** One use of a refresh token, with the hashes of what takes the place of it and of the access token. */
export interface Rotation {
  readonly tokenId: string;
  readonly refreshHash: string;
  readonly nextRefreshHash: string;
  readonly nextAccessHash: string;
  readonly nowMs: number;
  readonly graceMs: number;
  readonly accessMs: number;
  readonly refreshMs: number;
}

export type Rotated =
  | { readonly ok: true; readonly accessExpiresAtMs: number; readonly refreshExpiresAtMs: number }
  /** `reused`: somebody has a copy of what was used before, so the whole family is over, for whoever has it. */
  | { readonly ok: false; readonly reason: "unknown" | "expired" | "reused" };

/**
 * A refresh token works once. For a while it may be shown again, because the answer may have been lost; what
 * that answer gave then counts as used too, so that of two who hold copies one is noticed in the end.
 */
export function rotateRefreshToken(
  store: Store,
  rotation: Rotation,
  maxGenerations: number,
): Promise<Rotated> {
  const { tokenId, refreshHash, nowMs, graceMs, accessMs, refreshMs } = rotation;
  return store.transaction().execute(async (db): Promise<Rotated> => {
    const used = await db
      .selectFrom("refresh_tokens")
      .innerJoin("api_tokens", "api_tokens.token_id", "refresh_tokens.token_id")
      .select(["rotated_at_ms", "expires_at_ms", "ends_at_ms"])
      .where("refresh_hash", "=", refreshHash)
      .where("api_tokens.token_id", "=", tokenId)
      .executeTakeFirst();
    if (used === undefined) return { ok: false, reason: "unknown" };
    if (used.expires_at_ms <= nowMs) return { ok: false, reason: "expired" };
    if (used.rotated_at_ms !== null && nowMs - used.rotated_at_ms > graceMs) {
      await endTokens(db, { tokenId }, "refresh_reused", nowMs);
      return { ok: false, reason: "reused" };
    }
    await db
      .updateTable("refresh_tokens")
      .set({ rotated_at_ms: nowMs })
      .where("token_id", "=", tokenId)
      .where("rotated_at_ms", "is", null)
      .execute();
    const latest = await db
      .selectFrom("refresh_tokens")
      .select("generation")
      .where("token_id", "=", tokenId)
      .orderBy("generation", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const generation = latest.generation + 1;
    await db
      .insertInto("refresh_tokens")
      .values({ refresh_hash: rotation.nextRefreshHash, token_id: tokenId, generation })
      .execute();
    await db
      .deleteFrom("refresh_tokens")
      .where("token_id", "=", tokenId)
      .where("generation", "<=", generation - maxGenerations)
      .execute();
    const accessExpiresAtMs = Math.min(nowMs + accessMs, used.ends_at_ms);
    const refreshExpiresAtMs = Math.min(nowMs + refreshMs, used.ends_at_ms);
    await db
      .updateTable("api_tokens")
      .set({
        access_hash: rotation.nextAccessHash,
        access_expires_at_ms: accessExpiresAtMs,
        access_ended: 0,
        expires_at_ms: refreshExpiresAtMs,
      })
      .where("token_id", "=", tokenId)
      .execute();
    return { ok: true, accessExpiresAtMs, refreshExpiresAtMs };
  });
}
