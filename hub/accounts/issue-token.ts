import type { TokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { HubLimits } from "../config/hub-limits.ts";
import type { ApiTokens, TokenBasis, WhyNoToken } from "../store/api-tokens.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Rotated } from "../store/rotate-refresh-token.ts";
import { makeAccountId } from "./account-tokens.ts";
import { makeApiToken } from "./api-token.ts";
import { encodeScopes, type TokenScope } from "./token-scopes.ts";

/** Makes pairs of tokens, and keeps of them what cannot be turned back. */
export interface TokenIssue {
  issue(wanted: WantedToken, basis: TokenBasis): Promise<Issued>;
  /** `tokenId` is what stands in the refresh token. */
  refresh(tokenId: string, refreshToken: string): Promise<Refreshed>;
}

export interface WantedToken {
  readonly userId: string;
  readonly clientName: string;
  readonly scopes: readonly TokenScope[];
  readonly lifeMs: number;
  /** Not later than this, whatever its life. */
  readonly endsByMs: number;
  readonly issuedBy: string;
  readonly parentTokenId: string | null;
}

export interface TokenPair {
  readonly tokenId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly accessExpiresAtMs: number;
  readonly refreshExpiresAtMs: number;
}

export type Issued =
  | { readonly ok: true; readonly pair: TokenPair }
  | { readonly ok: false; readonly reason: WhyNoToken };

export type Refreshed =
  | { readonly ok: true; readonly pair: TokenPair }
  | Extract<Rotated, { readonly ok: false }>
  /** This token was refreshed too often just now. */
  | { readonly ok: false; readonly reason: "busy"; readonly retryAfterMs: number };

export function makeTokenIssue(parts: {
  readonly tokens: ApiTokens;
  readonly keyedHash: KeyedHash;
  readonly random: Random;
  readonly limits: Pick<HubLimits, "accessTokenMs" | "refreshTokenMs" | "refreshGraceMs">;
  /** By token. */
  readonly refreshes: TokenBuckets;
  readonly wallMs: () => number;
}): TokenIssue {
  const { tokens, keyedHash, random, limits, refreshes, wallMs } = parts;
  return {
    async issue(wanted, basis) {
      const tokenId = makeAccountId(random, "tok_");
      const accessToken = makeApiToken(random, "access", tokenId);
      const refreshToken = makeApiToken(random, "refresh", tokenId);
      const nowMs = wallMs();
      const endsAtMs = Math.min(nowMs + wanted.lifeMs, wanted.endsByMs);
      const accessExpiresAtMs = Math.min(nowMs + limits.accessTokenMs, endsAtMs);
      const refreshExpiresAtMs = Math.min(nowMs + limits.refreshTokenMs, endsAtMs);
      const created = await tokens.create(
        {
          token_id: tokenId,
          kind: "api",
          user_id: wanted.userId,
          client_name: wanted.clientName,
          scopes: encodeScopes(wanted.scopes),
          issued_by: wanted.issuedBy,
          parent_token_id: wanted.parentTokenId,
          access_hash: keyedHash.hash(accessToken),
          access_expires_at_ms: accessExpiresAtMs,
          created_at_ms: nowMs,
          last_used_at_ms: 0,
          expires_at_ms: refreshExpiresAtMs,
          ends_at_ms: endsAtMs,
          refresh_hash: keyedHash.hash(refreshToken),
        },
        basis,
      );
      if (created !== "created") return { ok: false, reason: created };
      const pair = { tokenId, accessToken, refreshToken, accessExpiresAtMs, refreshExpiresAtMs };
      return { ok: true, pair };
    },

    async refresh(tokenId, given) {
      const refreshHash = await keyedHash.settle("refresh_tokens", given);
      if (!(await tokens.hasRefresh(tokenId, refreshHash))) {
        return { ok: false, reason: "unknown" };
      }
      // Counted behind that, so that nobody but its holder can use it up.
      const retryAfterMs = refreshes.take(tokenId);
      if (retryAfterMs > 0) return { ok: false, reason: "busy", retryAfterMs };
      const accessToken = makeApiToken(random, "access", tokenId);
      const refreshToken = makeApiToken(random, "refresh", tokenId);
      const rotated = await tokens.rotate({
        tokenId,
        refreshHash,
        nextRefreshHash: keyedHash.hash(refreshToken),
        nextAccessHash: keyedHash.hash(accessToken),
        nowMs: wallMs(),
        graceMs: limits.refreshGraceMs,
        accessMs: limits.accessTokenMs,
        refreshMs: limits.refreshTokenMs,
      });
      if (!rotated.ok) return rotated;
      const { accessExpiresAtMs, refreshExpiresAtMs } = rotated;
      const pair = { tokenId, accessToken, refreshToken, accessExpiresAtMs, refreshExpiresAtMs };
      return { ok: true, pair };
    },
  };
}
