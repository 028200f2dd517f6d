import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { LoginBasis, Logins } from "../store/logins.ts";
import { makeAccountId, makeSecret } from "./account-tokens.ts";

/** Where somebody logs in from, as the hub sees it: shown in the list of logins. */
export interface LogInPlace {
  readonly address: string;
  readonly userAgent: string;
  /** A command line. */
  readonly isCli: boolean;
}

/** Makes a login out of a proven identity; null when the account changed since it was proven. */
export type OpenLogin = (
  userId: string,
  basis: LoginBasis,
  place: LogInPlace,
) => Promise<{ readonly token: string; readonly loginId: string } | null>;

export function makeOpenLogin(parts: {
  readonly logins: Logins;
  readonly keyedHash: KeyedHash;
  readonly random: Random;
  /** Asked at each use. */
  readonly idleMs: number;
  readonly wallMs: () => number;
}): OpenLogin {
  const { logins, keyedHash, random, wallMs } = parts;
  return async (userId, basis, { address, userAgent, isCli }) => {
    const token = makeSecret(random, "lml_");
    const loginId = makeAccountId(random, "lgn_");
    const nowMs = wallMs();
    const created = await logins.create(
      {
        login_id: loginId,
        user_id: userId,
        token_hash: keyedHash.hash(token),
        created_at_ms: nowMs,
        last_seen_at_ms: nowMs,
        expires_at_ms: nowMs + parts.idleMs,
        user_agent: userAgent,
        address,
        cli: isCli ? 1 : 0,
      },
      basis,
    );
    return created === "created" ? { token, loginId } : null;
  };
}
