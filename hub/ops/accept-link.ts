import type { IncomingMessage } from "node:http";
import { quotaKey, type Authenticator, type RequestHeaders } from "../accounts/authenticator.ts";
import type { LoginEndReason } from "../accounts/login-end.ts";
import type { Relay } from "../relay/relay.ts";
import { linkScope, mayLink } from "../rpc/method-needs.ts";
import { serveClientLink } from "../relay/serve-client-link.ts";
import { acceptUpgrades } from "./accept-upgrade.ts";
import type { SourceRules } from "./check-request-source.ts";
import type { Handlers } from "./listen.ts";
import type { LogRefusal } from "./log-refusals.ts";
import { readRequestSource } from "./read-request-source.ts";

/**
 * The upgrade of a client's link, from a page of ours (an Origin is demanded of everybody), by
 * somebody who is known, and not too often.
 */
export function makeLinkAcceptor(options: {
  readonly rules: SourceRules;
  readonly authenticator: Authenticator;
  /** The address behind an upgrade, as far as it can be known. */
  readonly callerAddress: (request: IncomingMessage) => string;
  /** Why a login or token that was valid a moment ago is not any more. */
  readonly whyEnded: (kind: "login" | "token", id: string) => Promise<LoginEndReason>;
  readonly relay: Relay;
  readonly logRefusal: LogRefusal;
}): Handlers["onUpgrade"] {
  const { rules, authenticator, callerAddress, whyEnded, relay, logRefusal } = options;
  return acceptUpgrades(relay, async (request) => {
    const checked = rules.check(readRequestSource(request), "link");
    if (!checked.ok) {
      logRefusal("link refused by its source", { code: String(checked.status) });
      return checked;
    }
    if (relay.isStopping) return { ok: false, status: 503, message: "The hub is stopping." };
    const headers: RequestHeaders = {
      get: (name) => {
        const value = request.headers[name];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
    };
    const address = callerAddress(request);
    const principal = await authenticator.authenticate(headers, address);
    if (principal === null) {
      const waitMs = authenticator.retryAfterMs?.(headers, address) ?? 0;
      return waitMs > 0
        ? { ok: false, status: 429, message: "Too many wrong tokens: wait a moment." }
        : { ok: false, status: 401, message: "Log in first." };
    }
    if (!mayLink(principal)) {
      return { ok: false, status: 403, message: `This token lacks the scope ${linkScope}.` };
    }
    return {
      ok: true,
      async serve(webSocket) {
        let links = 0;
        for (const link of relay.clients.values()) {
          if (quotaKey(link.principal) === quotaKey(principal)) links += 1;
        }
        if (links >= relay.limits.maxClientLinksPerLogin) {
          // After the upgrade, because browsers do not show pages why an upgrade failed.
          return webSocket.close(1013, "this login has too many windows open: close one first");
        }
        webSocket.on("close", authenticator.follow(headers));
        serveClientLink(relay, webSocket, principal);

        // A revocation between the question above and the table of the relay found nothing to end.
        if (await authenticator.isStillValid(principal)) return;
        const { loginId, token } = principal;
        if (loginId !== null) relay.revokeLogin(loginId, await whyEnded("login", loginId));
        if (token !== undefined) {
          relay.revokeToken(token.tokenId, await whyEnded("token", token.tokenId));
        }
      },
    };
  });
}
