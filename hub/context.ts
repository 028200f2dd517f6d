import { randomBytes } from "node:crypto";
import type { ConnectRouter } from "@connectrpc/connect";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { makeHubLimits } from "./config/hub-limits.ts";
import { noTarget, systemActor, type AuditEvent } from "./audit/audit-event.ts";
import { actorOf } from "./rpc/audit/audit-calls.ts";
import { makeAudit } from "./make-audit.ts";
import { makeKeyOperations } from "./keystore/key-operations.ts";
import { makeLiveKeystore } from "./keystore/live-keystore.ts";
import { makePepperFile } from "./keystore/pepper-file.ts";
import { makeRingFile } from "./keystore/ring-file.ts";
import { watchPepper } from "./keystore/watch-pepper.ts";
import { makeAccounts } from "./make-accounts.ts";
import { makeLinkAcceptor } from "./ops/accept-link.ts";
import { makeWorkerLinkAcceptor } from "./ops/accept-worker-link.ts";
import { localSourceRules, makeSourceRules, type SourceRules } from "./ops/check-request-source.ts";
import { makeClosingList, openWhole, type ClosingList } from "./ops/closing-list.ts";
import { every, systemClock } from "./ops/hub-clock.ts";
import { makeHubLog } from "./ops/hub-log.ts";
import { makeLogRefusal } from "./ops/log-refusals.ts";
import { type Handlers, listen, type Listener, type Request } from "./ops/listen.ts";
import type { HubOptions } from "./hub-options.ts";
import { isLoopback, urlOf } from "./ops/listen-address.ts";
import { makeCallerAddress, makeIsProxy } from "./ops/read-caller-address.ts";
import { routeUpgrades } from "./ops/route-upgrades.ts";
import { makeHubMetrics } from "./ops/hub-metrics.ts";
import { cutRequest, makeRequestHandler } from "./ops/serve-requests.ts";
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
import { makeSignInPages } from "./rpc/sign-in/serve-sign-in.ts";
import { createRegistrationKey } from "./rpc/worker/registration-methods.ts";
import { makeLiveSettings } from "./settings/live-settings.ts";
import { pinnedSettings } from "./settings/pinned-settings.ts";
import { makeApprovalRequests } from "./store/approval-requests.ts";
import { makeDeviceRevocations } from "./store/device-revocations.ts";
import { makeGrants } from "./store/grants.ts";
import { loadKeyedHash } from "./store/load-keyed-hash.ts";
import { makeLoginAdministration } from "./store/login-administration.ts";
import { makeWorkerAdministration } from "./store/worker-administration.ts";
import { openStore } from "./store/open-store.ts";
import { makeRegistrationKeys } from "./store/registration-keys.ts";
import { purgeExpired } from "./store/purge-expired.ts";
import { holdsSealed } from "./store/sealed-columns.ts";
import { makeSettingRows } from "./store/setting-rows.ts";
import { makeWorkers } from "./store/workers.ts";
import { makeWorkspaces } from "./store/workspaces.ts";

/** The only place of the hub that constructs what lives long. */

export interface Hub {
  readonly address: { readonly host: string; readonly port: number; readonly url: string };
  /** True where others than this host can reach the port. */
  readonly isExposed: boolean;
  /** Where the first account is made; null once there is one, and in solo. Shown once, to who started it. */
  readonly setUpUrl: string | null;
  /** Where the database is kept as it was before this start brought it to a newer version; null when it did not. */
  readonly formerDatabase: string | null;
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

export function createHub(options: HubOptions): Promise<Hub> {
  return openWhole((closing) => openHub(options, closing));
}

async function openHub(options: HubOptions, closing: ClosingList): Promise<Hub> {
  const { kind, dataDir } = options;
  const bounds = makeHubLimits(options.limits);
  const clock = options.clock ?? systemClock;
  const random: Random = options.random ?? ((length) => new Uint8Array(randomBytes(length)));
  const log = makeHubLog(options.logger);

  // 1. What is kept.
  let formerDatabase: string | null = null;
  const store = await openStore(dataDir, (former) => (formerDatabase = former));
  closing.add(() => store.destroy());
  const ringFile = makeRingFile({
    directory: dataDir,
    wrapping: options.keyWrapping ?? { kind: "none" },
    random,
    wallMs: clock.wallMs,
  });
  const pepperFile = makePepperFile(dataDir, random);
  async function loadKeys() {
    const hash = await loadKeyedHash(pepperFile, store, clock.wallMs);
    // Solo seals nothing.
    if (kind === "solo") return { keyedHash: hash, keystore: null };
    const ring = await ringFile.load({ mayMake: !(await holdsSealed(store)) });
    const checkMs = bounds.keyFileCheckMs;
    return {
      keyedHash: hash,
      keystore: makeLiveKeystore({ ring, file: ringFile, random, clock, checkMs, log }),
    };
  }
  const { keyedHash, keystore } = await loadKeys();
  closing.add(() => keystore?.stop());
  const settingRows = makeSettingRows(store);
  const pinned = pinnedSettings(options);
  const settings = await makeLiveSettings({
    ...{ rows: settingRows, pinned, limits: bounds, keystore, clock, log },
  });
  closing.add(() => settings.stop());
  const { limits } = settings;
  const pepperWatch = watchPepper({
    file: pepperFile,
    hash: keyedHash,
    clock,
    checkMs: limits.keyFileCheckMs,
    log,
  });
  closing.add(() => pepperWatch.stop());
  const { audit, chain, reader } = await makeAudit({ store, dataDir, clock, limits, log });
  let hasStarted = false;
  closing.add(async () => {
    if (hasStarted) await audit.append(hubEvent("hub.stopped")).catch(notWritten);
    await audit.stop();
  });
  const notWritten = (error: unknown): void => log.failure("audit entry not written", error);
  const workers = makeWorkers(store);
  const registrationKeys = makeRegistrationKeys(store, limits);

  // 2. What lives as long as the process.
  const relay = makeRelay({ limits, clock, random, log });
  // As long as anything is open it can be revoked, and is told through the listeners that it ends.
  const behindRelay = makeClosingList();
  closing.add(() => behindRelay.run());
  closing.add(() => relay.stop());
  const announceChange = makeAnnounceChange(relay);
  relay.onWorkersChanged = (userId) => announceChange(userId, { workers: true });
  relay.onChannelClosed = ({ channelId, client, worker }, reason) =>
    audit.recordSoon({
      actor: actorOf(client.principal),
      address: "",
      action: "channel.closed",
      target: { kind: "channel", id: channelId },
      result: "done",
      detail: { worker: worker.workerId, reason },
    });
  let ownPort = options.listen.port;
  const ownUrl = (): string => options.publicUrl ?? `http://localhost:${ownPort}`;
  const accounts = await makeAccounts({
    options,
    audit,
    store,
    relay,
    workers,
    ownUrl,
    keyedHash,
    keystore,
    settings,
    announceChange,
    random,
    log,
  });
  const listeners: Listener[] = [];
  const graceMs = Math.min(limits.drainMs, 1_000);
  behindRelay.add(() => accounts.mailer.close());
  behindRelay.add(() => Promise.all(listeners.map((each) => each.close(graceMs))));
  behindRelay.add(() => accounts.watch.stop());
  const { authenticator } = accounts.parts;
  const firstOwner = kind === "solo" ? Promise.resolve(soleUserId) : accounts.firstAdmin;
  let isExposed = !isLoopback(options.listen.host);
  const staticFiles = loadStaticFiles(options.frontendDir ?? null);
  const logRefusal = makeLogRefusal(log, clock);
  const metricsAccess = options.metrics ?? { kind: "off" };
  const metrics = makeHubMetrics({ relay, auditReader: reader });
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
    settings,
    settingRows,
    keystore,
    loginAdministration: makeLoginAdministration(store),
    workerAdministration: makeWorkerAdministration(store),
    keyOperations: makeKeyOperations({
      store,
      ringFile,
      pepperFile,
      random,
      wallMs: clock.wallMs,
      async afterChange() {
        await keystore?.check();
        await pepperWatch.check();
        await accounts.watch.react();
      },
    }),
    announceChange,
    audit,
    auditChain: chain,
    auditReader: reader,
    metrics: metricsAccess.kind === "off" ? null : metrics,
    log,
    logRefusal,
  };
  const routes = (router: ConnectRouter): void => registerWorkerRoutes(router, parts);

  // 3. The port, last, so that whoever gets an answer gets a whole hub.
  const callerAddress = makeCallerAddress(options.trustedProxies ?? []);
  const isProxy = makeIsProxy(options.trustedProxies ?? []);
  const addressOf = ({ socket, headers }: Pick<Request, "socket" | "headers">): string =>
    callerAddress({
      remoteAddress: socket.remoteAddress,
      forwardedFor: headers["x-forwarded-for"]?.toString(),
    });
  const { signIn } = accounts.parts;
  const signInPages = signIn && makeSignInPages({ ...accounts.parts, signIn });
  const makeHandlers = (rules: SourceRules): Handlers => ({
    onRequest: makeRequestHandler({
      rules,
      contextOf: (request) => placeValues(addressOf(request), () => cutRequest(request)),
      isFromProxy: ({ socket }) => isProxy(socket.remoteAddress ?? ""),
      metrics: { access: metricsAccess, source: metrics },
      staticFiles,
      findPage(path) {
        const page = signInPages?.find(path) ?? null;
        return (
          page && {
            purpose: page.kind === "callback" ? "answer" : "call",
            serve(request, response) {
              void page.serve(request, response, addressOf(request));
            },
          }
        );
      },
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
        callerAddress: addressOf,
        whyEnded: async (of, id) => (await accounts.events.reasonOf(of, id)) ?? "expired",
        relay,
        logRefusal,
      }),
      "/worker-link": makeWorkerLinkAcceptor({ rules, parts, addressOf, logRefusal }),
    }),
  });
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
    await audit.append(hubEvent("hub.started"));
    hasStarted = true;
    return listener;
  }
  const listener = await startListening();
  log.info("hub listening", { kind, port: listener.address.port });

  const stopStoring = every(clock, limits.lastSeenMs, () => {
    for (const { workerId } of relay.workers.values()) {
      workers
        .storeLastSeen(workerId, clock.wallMs())
        .catch((error: unknown) => log.failure("last seen not stored", error, { workerId }));
    }
  });

  let purging: Promise<unknown> = Promise.resolve();
  const stopPurging = every(clock, limits.purgeMs, () => {
    purging = purgeExpired(store, clock.wallMs()).catch((error: unknown) =>
      log.failure("expired rows not purged", error),
    );
  });

  closing.add(() => purging);
  closing.add(stopPurging);
  closing.add(stopStoring);

  let closed: Promise<void> | null = null;
  async function close(): Promise<void> {
    log.info("hub stopping");
    for (const each of listeners) each.stopAccepting();
    await closing.run();
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
    formerDatabase,
    routes,
    async trustBundledWorker({ workerId, workerToken, compositePublicKey, mode, name }) {
      const userId = await firstOwner;
      const put = (): Promise<void> =>
        workers.putBundled({
          worker_id: workerId,
          user_id: userId,
          name,
          composite_public_key: compositePublicKey,
          encryption_mode: mode,
          token_hash: keyedHash.hash(workerToken),
          created_at_ms: clock.wallMs(),
        });
      await put();
      keyedHash.onRotated(put);
      announceChange(userId, { workers: true });
    },
    mintRegistrationKey: async (userId) =>
      createRegistrationKey(parts, userId ?? (await firstOwner)),
    close: () => (closed ??= close()),
  };
}

function hubEvent(action: "hub.started" | "hub.stopped"): AuditEvent {
  return { actor: systemActor, address: "", action, target: noTarget, result: "done" };
}
