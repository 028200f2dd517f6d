import { denyAll, type Authenticator } from "./authenticator.ts";
import { soloAuthenticator } from "./solo-authenticator.ts";

/**
 * Who answers for a hub of this kind. Until there are logins a `hub` stays on loopback and trusts its host
 * as `solo` does; any other kind knows nobody.
 */
export function chooseAuthenticator(kind: string): Authenticator {
  return kind === "solo" || kind === "hub" ? soloAuthenticator : denyAll;
}
