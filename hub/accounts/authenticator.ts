import type { TokenScope } from "./token-scopes.ts";

/**
 * Who is calling. Every control call and every client link is answered for a principal that an
 * authenticator made out of the request's headers; without one it is refused. The relay knows only
 * principals.
 */

export interface Principal {
  readonly userId: string;
  readonly role: "admin" | "user";
  /** The login behind the request; null where there is none. Revoking it ends what it opened. */
  readonly loginId: string | null;
  /** The API token behind the request. It may do what its scopes name, and nothing else. */
  readonly token?: { readonly tokenId: string; readonly scopes: readonly TokenScope[] };
}

/** What of a request may prove an identity. Names are lower case. */
export interface RequestHeaders {
  get(name: string): string | null;
}

export interface Authenticator {
  /** Null: not known, refuse. Never throws for what a caller sent. `address` is what guessing is counted by. */
  authenticate(headers: RequestHeaders, address?: string): Promise<Principal | null>;
  /** Of a caller that is not known: how long it has to wait before anything of it is looked at, ms. */
  retryAfterMs?(headers: RequestHeaders, address: string): number;
  /** Of headers that prove nothing: whether they did until their login's time had passed. */
  hasExpired(headers: RequestHeaders): Promise<boolean>;
  /** For a link, which shows its token once and stays: known even if the key of the hashes changes. The answer ends that. */
  follow(headers: RequestHeaders): () => void;
  /** Asked again after anything slow, so that a revocation never loses to what began before it. */
  isStillValid(principal: Principal): Promise<boolean>;
  /** The same question for what acts by its role: the principal as it is by now. Null: it is over. */
  renew(principal: Principal): Promise<Principal | null>;
}

/** What quotas count by: each login and each token has its own, and solo has one for all. */
export function quotaKey({ loginId, token, userId }: Principal): string {
  return token?.tokenId ?? loginId ?? userId;
}

/** The same credential, so that whatever ends it ends what stands on it. */
export function isSameCredential(a: Principal, b: Principal): boolean {
  return a.userId === b.userId && quotaKey(a) === quotaKey(b);
}

/** Nobody is anybody: what stands wherever no other authenticator was chosen. */
export const denyAll: Authenticator = {
  authenticate: () => Promise.resolve(null),
  follow: () => () => undefined,
  hasExpired: () => Promise.resolve(false),
  isStillValid: () => Promise.resolve(false),
  renew: () => Promise.resolve(null),
};
