import type { IncomingMessage } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import { refusedStranger } from "../audit/audit-log.ts";
import { authenticateWorker, followWorker } from "../rpc/worker-link/authenticate-worker.ts";
import { refuseWorkerSocket, serveWorkerSocket } from "../rpc/worker-link/worker-socket.ts";
import type { RouteParts } from "../rpc/register-routes.ts";
import { acceptUpgrades } from "./accept-upgrade.ts";
import type { SourceRules } from "./check-request-source.ts";
import type { Handlers } from "./listen.ts";
import type { LogRefusal } from "./log-refusals.ts";
import { readRequestSource } from "./read-request-source.ts";

/**
 * The upgrade of a worker's link where something between breaks HTTP/2. No page has any business here, so
 * whatever names an Origin is refused. A worker that is not known is told so behind the upgrade: an HTTP
 * status could be the word of whatever stands between, and a worker gives up on the hub's word alone.
 */
export function makeWorkerLinkAcceptor(options: {
  readonly rules: SourceRules;
  readonly parts: Pick<
    RouteParts,
    | "relay"
    | "workers"
    | "registrationKeys"
    | "revocations"
    | "announceChange"
    | "keyedHash"
    | "audit"
  >;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly logRefusal: LogRefusal;
}): Handlers["onUpgrade"] {
  const { rules, parts, addressOf, logRefusal } = options;
  const { relay, workers, keyedHash, audit } = parts;
  return acceptUpgrades(relay, async (request) => {
    const source = readRequestSource(request);
    const checked = rules.check(source, "call");
    if (!checked.ok || source.origin !== undefined) {
      const status = checked.ok ? 403 : checked.status;
      logRefusal("worker link refused by its source", { code: String(status) });
      return checked.ok ? { ok: false, status, message: "Not for pages." } : checked;
    }
    if (relay.isStopping) return { ok: false, status: 503, message: "The hub is stopping." };
    const headers = {
      get(name: string) {
        const value = request.headers[name];
        return typeof value === "string" ? value : null;
      },
    };
    const row = await authenticateWorker(workers, keyedHash, headers).catch((error: unknown) => {
      if (!(error instanceof ConnectError)) throw error;
      const address = addressOf(request);
      audit.recordSoon(refusedStranger("worker.link_refused", address, "worker_token_refused"));
      return error;
    });
    return {
      ok: true,
      serve(webSocket) {
        if (row instanceof ConnectError) return refuseWorkerSocket(relay, webSocket, row);
        webSocket.on("close", followWorker(keyedHash, headers));
        serveWorkerSocket(parts, webSocket, row);
      },
    };
  });
}
