import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Logins } from "../store/logins.ts";
import { isSecret } from "./account-tokens.ts";
import type { Authenticator, RequestHeaders } from "./authenticator.ts";
import type { LoginCookie } from "./login-cookie.ts";
import type { LoginLife } from "./login-life.ts";

/**
 * Knows callers by their login: a browser by its cookie, a command line by a bearer token. Who sends a
 * bearer token means it: then no cookie counts, not even where the token is worth nothing.
 */
export function makeLoginAuthenticator(parts: {
  readonly logins: Logins;
  readonly keyedHash: KeyedHash;
  readonly cookie: LoginCookie;
  readonly life: LoginLife;
  readonly wallMs: () => number;
}): Authenticator {
  const { logins, keyedHash, cookie, life, wallMs } = parts;
  return {
    async authenticate(headers) {
      const token = readLoginToken(headers, cookie);
      if (token === null) return null;
      const login = await logins.findByToken(await keyedHash.settle("logins", token), wallMs());
      if (login === undefined) return null;
      const { login_id: loginId, user_id: userId, role } = login;
      await life.touch(loginId, login.last_seen_at_ms);
      return { userId, role, loginId };
    },
    follow(headers) {
      const token = readLoginToken(headers, cookie);
      return token === null ? () => undefined : keyedHash.follow("logins", token);
    },
    async hasExpired(headers) {
      const token = readLoginToken(headers, cookie);
      if (token === null) return false;
      return await logins.hasExpired(await keyedHash.settle("logins", token), wallMs());
    },
    async isStillValid({ loginId }) {
      return loginId !== null && (await logins.isLive(loginId, wallMs()));
    },
    async renew({ userId, loginId }) {
      const role = loginId === null ? undefined : await logins.liveRole(loginId, wallMs());
      return role === undefined ? null : { userId, role, loginId };
    },
  };
}

/** Null: none, or nothing that could be one. */
function readLoginToken(headers: RequestHeaders, cookie: LoginCookie): string | null {
  const authorization = headers.get("authorization");
  const bearer = /^Bearer(?:\s+(.*))?$/i.exec(authorization ?? "");
  const token = bearer === null ? cookie.read(headers.get("cookie")) : (bearer[1] ?? "");
  return token !== null && isSecret(token, "lml_") ? token : null;
}
