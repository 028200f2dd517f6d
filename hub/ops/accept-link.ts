import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { quotaKey, type Authenticator, type RequestHeaders } from "../accounts/authenticator.ts";
import type { LoginEndReason } from "../accounts/login-end.ts";
import type { Relay } from "../relay/relay.ts";
import { linkScope, mayLink } from "../rpc/method-needs.ts";
import { serveClientLink } from "../relay/serve-client-link.ts";
import type { SourceRules } from "./check-request-source.ts";
import type { HubLog } from "./hub-log.ts";
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
  readonly log: HubLog;
  readonly logRefusal: LogRefusal;
}): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const { rules, authenticator, callerAddress, whyEnded, relay, log, logRefusal } = options;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: relay.limits.maxLinkMessageBytes,
    // Answered by hand, only while the answers are read.
    autoPong: false,
  });

  async function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const checked = rules.check(readRequestSource(request), "link");
    if (!checked.ok) {
      logRefusal("link refused by its source", { code: String(checked.status) });
      return refuseUpgrade(socket, checked.status, checked.message);
    }
    if (relay.isStopping) return refuseUpgrade(socket, 503, "The hub is stopping.");
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
      if (waitMs > 0) return refuseUpgrade(socket, 429, "Too many wrong tokens: wait a moment.");
      return refuseUpgrade(socket, 401, "Log in first.");
    }
    if (!mayLink(principal)) {
      return refuseUpgrade(socket, 403, `This token lacks the scope ${linkScope}.`);
    }

    server.handleUpgrade(request, socket, head, (webSocket) => {
      let links = 0;
      for (const link of relay.clients.values()) {
        if (quotaKey(link.principal) === quotaKey(principal)) links += 1;
      }
      if (links >= relay.limits.maxClientLinksPerLogin) {
        // After the upgrade, because browsers do not show pages why an upgrade failed.
        webSocket.on("error", () => undefined);
        return webSocket.close(1013, "this login has too many windows open: close one first");
      }
      webSocket.on("close", authenticator.follow(headers));
      serveClientLink(relay, webSocket, principal);
    });

    // A revocation between the question above and the table of the relay found nothing to end.
    if (await authenticator.isStillValid(principal)) return;
    const { loginId, token } = principal;
    if (loginId !== null) relay.revokeLogin(loginId, await whyEnded("login", loginId));
    if (token !== undefined) {
      relay.revokeToken(token.tokenId, await whyEnded("token", token.tokenId));
    }
  }

  return (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    accept(request, socket, head).catch((error: unknown) => {
      log.failure("link could not be accepted", error);
      socket.destroy();
    });
  };
}

/** What every upgrade is answered with that comes to nothing. */
const phrases: Record<number, string> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  421: "Misdirected Request",
  429: "Too Many Requests",
  503: "Service Unavailable",
};

export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${phrases[status] ?? "Error"}\r\nconnection: close\r\n` +
      `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
