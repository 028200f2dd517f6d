import type { ApiTokens, OwnedToken } from "../store/api-tokens.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import { readApiToken } from "./api-token.ts";
import type { Authenticator, Principal } from "./authenticator.ts";
import type { LoginCookie } from "./login-cookie.ts";
import { networkOf } from "./network-of.ts";
import type { Throttle } from "./throttle.ts";
import { decodeScopes } from "./token-scopes.ts";
import type { TokenUses } from "./token-uses.ts";

/**
 * Knows programs by their access token, and everybody else by what `others` knows. A token comes as a bearer
 * header and in no other way; a request that brings a login's cookie besides is of nobody, because somebody
 * else's page may have sent the one and the other would lend it rights.
 */
export function makeTokenAuthenticator(parts: {
  readonly tokens: ApiTokens;
  readonly keyedHash: KeyedHash;
  readonly cookie: LoginCookie;
  readonly uses: TokenUses;
  /** By network: tokens that nobody was given. */
  readonly failures: Throttle;
  readonly others: Authenticator;
  readonly wallMs: () => number;
}): Authenticator {
  const { tokens, keyedHash, cookie, uses, failures, others, wallMs } = parts;

  async function findByToken(text: string, network: string): Promise<Principal | null> {
    const tokenId = readApiToken(text, "access");
    if (tokenId === null) return null;
    const row = await tokens.find(tokenId);
    // Hashed in any case, so that the time tells nothing of which ids exist.
    const matches = keyedHash.matches(text, row?.access_hash ?? "");
    // Counted only now: a neighbour with a wrong token must not keep out who has a right one.
    if (row?.kind !== "api" || !matches) {
      failures.failed([network]);
      return null;
    }
    if (row.access_expires_at_ms <= wallMs()) return null;
    await keyedHash.settle("api_tokens", text);
    uses.note(tokenId);
    return principalOf(row);
  }

  return {
    async authenticate(headers, address = "") {
      const text = readBearer(headers.get("authorization"));
      if (text === null) return others.authenticate(headers, address);
      if (cookie.isIn(headers.get("cookie"))) return null;
      return findByToken(text, networkOf(address));
    },
    follow(headers) {
      const text = readBearer(headers.get("authorization"));
      return text === null ? others.follow(headers) : keyedHash.follow("api_tokens", text);
    },
    hasExpired(headers) {
      const isToken = readBearer(headers.get("authorization")) !== null;
      return isToken ? Promise.resolve(false) : others.hasExpired(headers);
    },
    retryAfterMs(headers, address) {
      if (readBearer(headers.get("authorization")) === null) return 0;
      return failures.check([networkOf(address)]);
    },
    async isStillValid(principal) {
      const { token } = principal;
      if (token === undefined) return others.isStillValid(principal);
      return (await tokens.findLive(token.tokenId, wallMs())) !== undefined;
    },
    async renew(principal) {
      const { token } = principal;
      if (token === undefined) return others.renew(principal);
      const row = await tokens.findLive(token.tokenId, wallMs());
      return row === undefined ? null : principalOf(row);
    },
  };
}

/** Null: no token of this kind. */
function readBearer(authorization: string | null): string | null {
  return /^Bearer\s+(lmx_.*)$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** Its owner's role counts only where the token has the scope for it, so none acts above either. */
function principalOf({ token_id: tokenId, user_id: userId, scopes, role }: OwnedToken): Principal {
  const decoded = decodeScopes(scopes);
  return {
    userId,
    role: decoded.includes("admin") ? role : "user",
    loginId: null,
    token: { tokenId, scopes: decoded },
  };
}
