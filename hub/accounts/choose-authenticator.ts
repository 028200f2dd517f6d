import { denyAll, type Authenticator } from "./authenticator.ts";
import { soloAuthenticator } from "./solo-authenticator.ts";

/** Who answers for a hub of this kind: `solo` trusts its host, the others their logins, any other kind nobody. */
export function chooseAuthenticator(kind: string, byLogin: Authenticator): Authenticator {
  if (kind === "solo") return soloAuthenticator;
  return kind === "hub" || kind === "dev" ? byLogin : denyAll;
}
