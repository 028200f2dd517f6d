import { randomBytes } from "node:crypto";
import type { ConnectRouter } from "@connectrpc/connect";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";
import { chooseAuthenticator } from "./accounts/choose-authenticator.ts";
import { makeHubLimits, type HubLimits } from "./config/hub-limits.ts";
import { makeLinkAcceptor } from "./ops/accept-link.ts";
import { makeSourceRules } from "./ops/check-request-source.ts";
import { every, systemClock, type HubClock } from "./ops/hub-clock.ts";
import { makeHubLog } from "./ops/hub-log.ts";
import { makeLogRefusal } from "./ops/log-refusals.ts";
import { listen } from "./ops/listen.ts";
import { isLoopback, urlOf } from "./ops/listen-address.ts";
import { makeRequestHandler } from "./ops/serve-requests.ts";
import { loadStaticFiles } from "./ops/static-files.ts";
import { makeAnnounceChange } from "./relay/announce-change.ts";
import type { Mode } from "./relay/encryption-mode.ts";
import { makeRelay } from "./relay/relay.ts";
import { refuse } from "./rpc/refusal.ts";
import {
  registerUserRoutes,
  registerWorkerRoutes,
  type RouteParts,
} from "./rpc/register-routes.ts";
import { makeSecret } from "./rpc/worker-registration/worker-registration-service.ts";
import { makeKeyedHash } from "./store/keyed-hash.ts";
import { openStore } from "./store/open-store.ts";
import { loadSecretFile } from "./store/private-files.ts";
import { makeRegistrationKeys } from "./store/registration-keys.ts";
import { makeWorkers } from "./store/workers.ts";
import { makeWorkspaces } from "./store/workspaces.ts";

/** The only place of the hub that constructs what lives long. */

export interface HubOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly dataDir: string;
  readonly kind: "solo" | "hub";
  /** The built frontend; absent or empty: a page that says how to build it. */
  readonly frontendDir?: string;
  readonly logger: Logger;
  /** Of this program, for whoever asks. */
  readonly version: string;
  readonly clock?: HubClock;
  readonly random?: Random;
  readonly limits?: Partial<HubLimits>;
  /** Further origins whose pages may call: a development server. */
  readonly trustedOrigins?: readonly string[];
}

export interface Hub {
  readonly address: { readonly host: string; readonly port: number; readonly url: string };
  /** True where others than this host can reach the port. */
  readonly isExposed: boolean;
  /** What workers call, for one in this process (createRouterTransport). */
  routes(router: ConnectRouter): void;
  trustBundledWorker(worker: BundledWorker): Promise<void>;
  mintRegistrationKey(): Promise<{ readonly key: string; readonly expiresAtMs: number }>;
  /** Stops accepting, tells everybody how long to wait, drains, ends. Resolves when all is closed. */
  close(): Promise<void>;
}

export interface BundledWorker {
  readonly workerId: string;
  readonly workerToken: string;
  readonly compositePublicKey: Uint8Array;
  readonly mode: Mode;
  readonly name: string;
}

const loginsNeeded =
  "hub needs logins for anything but loopback, which this version does not have: use solo behind an SSH tunnel";

/** Until there are logins, everything belongs to the one user. */
const soleUserId = "solo";

export async function createHub(options: HubOptions): Promise<Hub> {
  const { kind, dataDir } = options;
  const limits = makeHubLimits(options.limits);
  const clock = options.clock ?? systemClock;
  const random: Random = options.random ?? ((length) => new Uint8Array(randomBytes(length)));
  const log = makeHubLog(options.logger);
  if (kind === "hub" && !isLoopback(options.listen.host)) {
    throw new Error(loginsNeeded);
  }

  // 1. What is kept.
  const store = await openStore(dataDir);
  const keyedHash = makeKeyedHash(loadSecretFile(dataDir, "token-hash.key"));
  const workers = makeWorkers(store);
  const registrationKeys = makeRegistrationKeys(store, limits);

  // 2. What lives as long as the process.
  const relay = makeRelay({ limits, clock, random, log });
  const announceChange = makeAnnounceChange(relay);
  relay.onWorkersChanged = (userId) => announceChange(userId, { workers: true });
  const authenticator = chooseAuthenticator(kind);
  let isExposed = !isLoopback(options.listen.host);
  const staticFiles = loadStaticFiles(options.frontendDir ?? null);
  const parts: RouteParts = {
    kind,
    version: options.version,
    isExposed: () => isExposed,
    frontendHash: staticFiles.manifest?.hash ?? "",
    authenticator,
    relay,
    workspaces: makeWorkspaces(store, limits),
    workers,
    registrationKeys,
    keyedHash,
    announceChange,
    log,
  };
  const routes = (router: ConnectRouter): void => registerWorkerRoutes(router, parts);

  // 3. The port, last, so that whoever gets an answer gets a whole hub.
  const logRefusal = makeLogRefusal(log, clock);
  const listener = await listen({
    ...options.listen,
    limits,
    clock,
    makeHandlers({ address, port }) {
      isExposed = !isLoopback(address);
      const rules = makeSourceRules({
        listenHost: options.listen.host,
        port,
        trustedOrigins: options.trustedOrigins ?? [],
      });
      return {
        onRequest: makeRequestHandler({
          rules,
          staticFiles,
          clock,
          log,
          logRefusal,
          isReady: () => !relay.isStopping,
          requestTimeoutMs: limits.requestTimeoutMs,
          registerRoutes(router) {
            registerUserRoutes(router, parts);
            routes(router);
          },
        }),
        onUpgrade: makeLinkAcceptor({ rules, authenticator, relay, log, logRefusal }),
      };
    },
  }).catch(async (error: unknown) => {
    await relay.stop();
    await store.destroy();
    throw error;
  });
  // A name, localhost included, means what this machine says that it means.
  if (kind === "hub" && isExposed) {
    await listener.close(0);
    await relay.stop();
    await store.destroy();
    throw new Error(loginsNeeded);
  }
  log.info("hub listening", { kind, port: listener.address.port });

  const stopStoring = every(clock, limits.lastSeenMs, () => {
    for (const { workerId } of relay.workers.values()) {
      workers
        .storeLastSeen(workerId, clock.wallMs())
        .catch((error: unknown) => log.failure("last seen not stored", error, { workerId }));
    }
  });

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    log.info("hub stopping");
    listener.stopAccepting();
    stopStoring();
    await relay.stop();
    await listener.close(Math.min(limits.drainMs, 1_000));
    await store.destroy();
    log.info("hub stopped");
  }

  return {
    address: {
      host: listener.address.address,
      port: listener.address.port,
      url: urlOf(options.listen.host, listener.address.port),
    },
    isExposed,
    routes,
    async trustBundledWorker({ workerId, workerToken, compositePublicKey, mode, name }) {
      await workers.putBundled({
        worker_id: workerId,
        user_id: soleUserId,
        name,
        composite_public_key: compositePublicKey,
        encryption_mode: mode,
        token_hash: keyedHash.hash(workerToken),
        created_at_ms: clock.wallMs(),
      });
      announceChange(soleUserId, { workers: true });
    },
    async mintRegistrationKey() {
      const key = makeSecret(random, "lmk_");
      const nowMs = clock.wallMs();
      const expiresAtMs = nowMs + limits.registrationKeyMs;
      const added = await registrationKeys.add(keyedHash.hash(key), soleUserId, expiresAtMs, nowMs);
      if (added === "limit_reached") throw refuse("limit_reached");
      return { key, expiresAtMs };
    },
    close: () => (closing ??= close()),
  };
}
