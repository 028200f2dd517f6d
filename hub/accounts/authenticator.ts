/**
 * Who is calling. Every control call and every client link is answered for a principal that an
 * authenticator made out of the request's headers; without one it is refused. The relay knows only
 * principals.
 */

export interface Principal {
  readonly userId: string;
  readonly role: "admin" | "user";
  /** The login behind the request; null where there are none (solo). Revoking it ends what it opened. */
  readonly loginId: string | null;
}

/** What of a request may prove an identity. Names are lower case. */
export interface RequestHeaders {
  get(name: string): string | null;
}

export interface Authenticator {
  /** Null: not known, refuse. Never throws for what a caller sent. */
  authenticate(headers: RequestHeaders): Promise<Principal | null>;
  /** Of headers that prove nothing: whether they did until their login's time had passed. */
  hasExpired(headers: RequestHeaders): Promise<boolean>;
  /** Asked again after anything slow, so that a revocation never loses to what began before it. */
  isStillValid(principal: Principal): Promise<boolean>;
  /** The same question for what acts by its role: the principal as it is by now. Null: it is over. */
  renew(principal: Principal): Promise<Principal | null>;
}

/** What quotas count by: each login has its own, and solo has one for all. */
export function quotaKey({ loginId, userId }: Principal): string {
  return loginId ?? userId;
}

/** Nobody is anybody: what stands wherever no other authenticator was chosen. */
export const denyAll: Authenticator = {
  authenticate: () => Promise.resolve(null),
  hasExpired: () => Promise.resolve(false),
  isStillValid: () => Promise.resolve(false),
  renew: () => Promise.resolve(null),
};
