import { randomBytes } from "node:crypto";
import type { ConnectRouter } from "@connectrpc/connect";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";
import { makeHubLimits, type HubLimits } from "./config/hub-limits.ts";
import type { MailSettings } from "./config/mail-settings.ts";
import { makeAccounts } from "./make-accounts.ts";
import { makeLinkAcceptor } from "./ops/accept-link.ts";
import { makeWorkerLinkAcceptor } from "./ops/accept-worker-link.ts";
import { localSourceRules, makeSourceRules, type SourceRules } from "./ops/check-request-source.ts";
import { every, systemClock, type HubClock } from "./ops/hub-clock.ts";
import { makeHubLog } from "./ops/hub-log.ts";
import { makeLogRefusal } from "./ops/log-refusals.ts";
import { type Handlers, listen, type Listener } from "./ops/listen.ts";
import { isLoopback, urlOf } from "./ops/listen-address.ts";
import { makeCallerAddress } from "./ops/read-caller-address.ts";
import { routeUpgrades } from "./ops/route-upgrades.ts";
import { makeRequestHandler } from "./ops/serve-requests.ts";
import { loadStaticFiles } from "./ops/static-files.ts";
import { makeAnnounceChange } from "./relay/announce-change.ts";
import type { Mode } from "./relay/encryption-mode.ts";
import { makeRelay } from "./relay/relay.ts";
import { placeValues } from "./rpc/call-place.ts";
import {
  registerUserRoutes,
  registerWorkerRoutes,
  type RouteParts,
} from "./rpc/register-routes.ts";
import { createRegistrationKey } from "./rpc/worker/registration-methods.ts";
import { makeApprovalRequests } from "./store/approval-requests.ts";
import { makeDeviceRevocations } from "./store/device-revocations.ts";
import { makeGrants } from "./store/grants.ts";
import { loadKeyedHash } from "./store/load-keyed-hash.ts";
import { openStore } from "./store/open-store.ts";
import { makeRegistrationKeys } from "./store/registration-keys.ts";
import { makeWorkers } from "./store/workers.ts";
import { makeWorkspaces } from "./store/workspaces.ts";

/** The only place of the hub that constructs what lives long. */

export interface HubOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** A second way in, for programs of the same user: the path of a socket. */
  readonly localListen?: string | undefined;
  readonly dataDir: string;
  /** `solo` knows nobody and trusts its host; the others have logins, `dev` with a worker beside it. */
  readonly kind: "solo" | "hub" | "dev";
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
  /** Origin under which people reach it through a proxy; with https its cookies are secure. */
  readonly publicUrl?: string | undefined;
  /** Everybody may make an account. */
  readonly isSignUpEnabled?: boolean;
  /** A login that was idle for so long ends. */
  readonly loginIdleMs?: number;
  /** Addresses, or networks as `address/bits`, whose X-Forwarded-For counts, beside this host's. */
  readonly trustedProxies?: readonly string[];
  /** Absent or null: it sends no mail. */
  readonly mail?: MailSettings | null;
}

export interface Hub {
  readonly address: { readonly host: string; readonly port: number; readonly url: string };
  /** True where others than this host can reach the port. */
  readonly isExposed: boolean;
  /** Where the first account is made; null once there is one, and in solo. Shown once, to who started it. */
  readonly setUpUrl: string | null;
  /** What workers call, for one in this process (createRouterTransport). */
  routes(router: ConnectRouter): void;
  /** Resolves when it may dial: where there are logins, once there is an admin whose worker it can be. */
  trustBundledWorker(worker: BundledWorker): Promise<void>;
  /** For a worker of this user; by default of the first admin. */
  mintRegistrationKey(
    userId?: string,
  ): Promise<{ readonly key: string; readonly expiresAtMs: number }>;
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

/** In solo, everything belongs to the one user. */
const soleUserId = "solo";

export async function createHub(options: HubOptions): Promise<Hub> {
  const { kind, dataDir } = options;
  const limits = makeHubLimits(options.limits);
  const clock = options.clock ?? systemClock;
  const random: Random = options.random ?? ((length) => new Uint8Array(randomBytes(length)));
  const log = makeHubLog(options.logger);

  // 1. What is kept.
  const store = await openStore(dataDir);
  const keyedHash = await loadKeyedHash(dataDir, store).catch(async (error: unknown) => {
    await store.destroy();
    throw error;
  });
  const workers = makeWorkers(store);
  const registrationKeys = makeRegistrationKeys(store, limits);

  // 2. What lives as long as the process.
  const relay = makeRelay({ limits, clock, random, log });
  const announceChange = makeAnnounceChange(relay);
  relay.onWorkersChanged = (userId) => announceChange(userId, { workers: true });
  let ownPort = options.listen.port;
  const ownUrl = (): string => options.publicUrl ?? `http://localhost:${ownPort}`;
  const accounts = await makeAccounts({
    options,
    store,
    relay,
    ownUrl,
    keyedHash,
    announceChange,
    random,
    log,
  }).catch(async (error: unknown) => {
    await relay.stop();
    await store.destroy();
    throw error;
  });
  const { authenticator } = accounts.parts;
  const firstOwner = kind === "solo" ? Promise.resolve(soleUserId) : accounts.firstAdmin;
  let isExposed = !isLoopback(options.listen.host);
  const staticFiles = loadStaticFiles(options.frontendDir ?? null);
  const logRefusal = makeLogRefusal(log, clock);
  const parts: RouteParts = {
    kind,
    version: options.version,
    isExposed: () => isExposed,
    accounts: accounts.parts,
    frontendHash: staticFiles.manifest?.hash ?? "",
    relay,
    workspaces: makeWorkspaces(store, limits),
    workers,
    registrationKeys,
    approvalRequests: makeApprovalRequests(store, limits),
    grants: makeGrants(store, limits),
    revocations: makeDeviceRevocations(store, limits),
    keyedHash,
    announceChange,
    log,
    logRefusal,
  };
  const routes = (router: ConnectRouter): void => registerWorkerRoutes(router, parts);

  // 3. The port, last, so that whoever gets an answer gets a whole hub.
  const callerAddress = makeCallerAddress(options.trustedProxies ?? []);
  const makeHandlers = (rules: SourceRules): Handlers => ({
    onRequest: makeRequestHandler({
      rules,
      contextOf: ({ socket, headers }) =>
        placeValues(
          callerAddress({
            remoteAddress: socket.remoteAddress,
            forwardedFor: headers["x-forwarded-for"]?.toString(),
          }),
        ),
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
    onUpgrade: routeUpgrades({
      "/link": makeLinkAcceptor({
        rules,
        authenticator,
        whyEnded: async (loginId) => (await accounts.events.reasonOf(loginId)) ?? "expired",
        relay,
        log,
        logRefusal,
      }),
      "/worker-link": makeWorkerLinkAcceptor({ rules, parts, logRefusal }),
    }),
  });
  const listeners: Listener[] = [];
  async function startListening(): Promise<Listener> {
    const { localListen } = options;
    if (localListen !== undefined) {
      const place = { path: localListen };
      listeners.push(
        await listen({ place, limits, clock, makeHandlers: () => makeHandlers(localSourceRules) }),
      );
    }
    const listener = await listen({
      place: options.listen,
      limits,
      clock,
      makeHandlers({ address, port }) {
        isExposed = !isLoopback(address);
        ownPort = port;
        return makeHandlers(
          makeSourceRules({
            listenHost: options.listen.host,
            port,
            publicUrl: options.publicUrl,
            trustedOrigins: options.trustedOrigins ?? [],
          }),
        );
      },
    });
    listeners.push(listener);
    return listener;
  }
  const listener = await startListening().catch(async (error: unknown) => {
    await Promise.all(listeners.map((each) => each.close(0)));
    await accounts.watch.stop();
    await relay.stop();
    await store.destroy();
    throw error;
  });
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
    for (const each of listeners) each.stopAccepting();
    stopStoring();
    await relay.stop();
    // As long as anything is open it can be revoked.
    await accounts.watch.stop();
    const graceMs = Math.min(limits.drainMs, 1_000);
    await Promise.all(listeners.map((each) => each.close(graceMs)));
    accounts.parts.mailer?.close();
    await store.destroy();
    log.info("hub stopped");
  }

  const url = urlOf(options.listen.host, listener.address.port);
  const setUpToken = accounts.parts.setUp.token;
  // Passkeys belong to a name: under the number of this host a browser makes none.
  const setUpOrigin = ["127.0.0.1", "::1"].includes(listener.address.address)
    ? ownUrl()
    : (options.publicUrl ?? url);
  return {
    address: { host: listener.address.address, port: listener.address.port, url },
    setUpUrl: setUpToken === null ? null : `${setUpOrigin}/setup#${setUpToken}`,
    isExposed,
    routes,
    async trustBundledWorker({ workerId, workerToken, compositePublicKey, mode, name }) {
      const userId = await firstOwner;
      await workers.putBundled({
        worker_id: workerId,
        user_id: userId,
        name,
        composite_public_key: compositePublicKey,
        encryption_mode: mode,
        token_hash: keyedHash.hash(workerToken),
        created_at_ms: clock.wallMs(),
      });
      announceChange(userId, { workers: true });
    },
    mintRegistrationKey: async (userId) =>
      createRegistrationKey(parts, userId ?? (await firstOwner)),
    close: () => (closing ??= close()),
  };
}
