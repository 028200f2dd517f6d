import { createClient, type Transport } from "@connectrpc/connect";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { generateSlhDsaKey } from "@leapmux/native/native-signer.ts";
import { nodeClock, nodeRandom } from "@leapmux/native/node-platform.ts";
import { makeThreadSigner } from "@leapmux/native/thread-signer.ts";
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { WorkerLinkService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerDeviceService } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { WorkerEvidenceService } from "@leapmux/proto/sealed/v1/worker_evidence_pb.ts";
import { WorkerInfoService } from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import { defaultMaxMessageBytes } from "@leapmux/shared/limits/limits.ts";
import { isUserId } from "@leapmux/shared/identity/sign-claim.ts";
import { makeWorkerMac, type PairingKey } from "@leapmux/shared/identity/pairing.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";
import { readEnvironment, type WorkerEnvironment } from "./config/read-environment.ts";
import { defaultWorkerLimits, type WorkerLimits } from "./config/worker-limits.ts";
import type { Caller } from "./dispatch/caller.ts";
import { makeDispatch } from "./dispatch/dispatch-message.ts";
import { endRegistration } from "./end-registration.ts";
import { makeEvidenceStore } from "./evidence/evidence-store.ts";
import { noteEvidence } from "./evidence/note-evidence.ts";
import { noteTerminalCalls } from "./evidence/note-terminal-calls.ts";
import { makeWorkerEvidenceService } from "./evidence/worker-evidence-service.ts";
import { keepLink, type LinkState } from "./link/keep-link.ts";
import type { LinkSender } from "./link/send-frame.ts";
import { makeWorkerInfoService } from "./ops/worker-info-service.ts";
import { makePeers } from "./peers/peers.ts";
import { registerWorker } from "./register-worker.ts";
import { type DatabaseMemory, openDatabase } from "./store/open-database.ts";
import { openStateFile } from "./store/state-file.ts";
import { makeTerminalStore } from "./store/terminal-store.ts";
import { makeProcessTable } from "./terminal/process-table.ts";
import { makeTurns } from "./terminal/take-turns.ts";
import { awaitPairing, type PairingOutcome } from "./trust/await-pairing.ts";
import { openDeviceTrust } from "./trust/device-trust.ts";
import { noteRefusals } from "./trust/note-refusals.ts";
import { makeTrustStore } from "./trust/trust-store.ts";
import { watchTrust } from "./trust/watch-trust.ts";
import { makeWorkerDeviceService } from "./trust/worker-device-service.ts";
import { makeTerminalService } from "./terminal/terminal-service.ts";
import { openTerminals } from "./terminal/terminals.ts";

export interface WorkerOptions {
  /** Holds state.json and worker.db; 0700, made when missing. */
  readonly dataDir: string;
  /** To the hub: `makeHubTransport(url)`, or a router transport in its process. */
  readonly transport: Transport;
  /** Shown to people. */
  readonly name: string;
  readonly mode: EncryptionMode;
  /** `hub`: the hub's word about who calls is taken. `paired`: devices prove themselves (protocol §7). */
  readonly clientAuth: "hub" | "paired";
  readonly logger: Logger;
  readonly maxMessageBytes?: number | undefined;
  /** Shells are login shells unless this is false. */
  readonly useLoginShell?: boolean | undefined;
  readonly database?: DatabaseMemory | undefined;
  /** Makes its own token at the first run, for `trustBundledWorker`; false: waits for `register`. */
  readonly bundled?: boolean | undefined;
  /** Noted with the token: a refusal by another hub says nothing about this registration. */
  readonly hubAddress?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly wallClockMs?: (() => number) | undefined;
  readonly limits?: Partial<WorkerLimits> | undefined;
  readonly environment?: WorkerEnvironment | undefined;
}

export interface WorkerIdentity {
  readonly workerId: string;
  /** `null`: not registered with a hub. */
  readonly workerToken: string | null;
  readonly compositePublicKey: Uint8Array;
}

export interface Worker {
  readonly identity: WorkerIdentity;
  /** Registers with the hub of `transport` and keeps the token. Throws the hub's ConnectError. */
  register(key: PairingKey): Promise<void>;
  /** Called when the registration was answered by a device that knows the key's secret, or was not in time. */
  onPairing(settled: (outcome: PairingOutcome) => void): void;
  /** The registration is over and its credentials are gone from the disk. */
  readonly isWiped: boolean;
  /** The hub refused the registration: the file in which its credentials are set aside, until the next one. */
  readonly refusedState: string | null;
  start(): void;
  /** Saves the screens, ends the shells and the link. */
  stop(): Promise<void>;
  state(): LinkState;
  /** Called at each change; the returned function stops that. `reason`: why the hub refused or the link went. */
  onState(changed: (state: LinkState, reason: string) => void): () => void;
}

/** Builds a worker. Nothing is dialled before `start`. Throws StateError or PrivatePathError for a data directory that it refuses. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { dataDir, transport, name, mode, clientAuth, logger } = options;
  const hubAddress = options.hubAddress ?? null;
  const isBundled = options.bundled ?? true;
  const wallClockMs = options.wallClockMs ?? (() => Date.now());
  const clock = options.clock ?? nodeClock;
  const limits = { ...defaultWorkerLimits, ...options.limits };
  const environment = options.environment ?? readEnvironment();
  const startedAtMs = wallClockMs();

  // 1. Who we are.
  const state = openStateFile({
    dataDir,
    primitives: nativePrimitives,
    random: nodeRandom,
    bundled: isBundled,
    generateSlhDsaKey,
  });
  const { workerId, secrets } = state;
  const signer = makeThreadSigner({
    key: secrets.slhDsaSecretKey,
    threads: limits.maxSignings,
  });

  // 2. What we serve.
  const database = await openDatabase(dataDir, options.database);
  const terminals = await openTerminals({
    store: makeTerminalStore(database),
    table: makeProcessTable(),
    clock,
    nextTurn: makeTurns(),
    random: nodeRandom,
    wallClockMs,
    environment,
    limits,
    useLoginShell: options.useLoginShell ?? true,
    logger,
  });
  let stopped: Promise<void> | null = null;
  const stopTerminals = (): Promise<void> => (stopped ??= terminals.stop());
  const evidenceStore = makeEvidenceStore(database);
  const evidence = noteEvidence({ store: evidenceStore, clock, wallClockMs, logger });
  const noteWorker = (action: "worker_started" | "worker_stopped"): void =>
    evidence.note({ action, userId: "", deviceId: "", subject: "", reason: "" });
  noteWorker("worker_started");
  const terminalService = noteTerminalCalls(makeTerminalService({ terminals, clock }), evidence);
  const workerInfoService = makeWorkerInfoService({
    compositePublicKey: secrets.compositePublicKey,
    environment,
    startedAtMs,
    openTerminals: (userId) => terminals.list(userId).filter(({ isRunning }) => isRunning).length,
  });
  const trustStore = makeTrustStore(database);
  /** Of the link that is up; each begins with every revocation by itself. */
  let sender: LinkSender | null = null;
  const trust = await openDeviceTrust({
    store: trustStore,
    primitives: nativeDevicePrimitives,
    blake2b512: nativePrimitives.blake2b512,
    wallClockMs,
    logger,
    askForRevocations: () => sender?.sendNow({ case: "revocationsRequest", value: {} }),
  });
  const refusals = noteRefusals({ store: trustStore, wallClockMs, logger });
  const dispatch = makeDispatch({
    clock,
    logger,
    routes: (router) =>
      router
        .service(TerminalService, terminalService)
        .service(WorkerInfoService, workerInfoService)
        .service(
          WorkerEvidenceService,
          makeWorkerEvidenceService({ store: evidenceStore, evidence }),
        )
        .service(
          WorkerDeviceService,
          makeWorkerDeviceService({
            store: trustStore,
            trust,
            refusals,
            clientAuth,
            connectedDevices: () => peers.connectedDevices(),
          }),
        ),
  });

  // 3. To whom.
  const peers = makePeers({
    primitives: nativePrimitives,
    random: nodeRandom,
    clock,
    signer,
    identity: secrets,
    workerId,
    mode,
    gate: clientAuth === "hub" ? null : trust,
    limits,
    dispatch,
    onRefused(refused) {
      refusals.note(refused);
      const { channelId, reason, userId, deviceId } = refused;
      const named = isUserId(userId) ? userId : "";
      evidence.note({
        ...{ action: "opening_refused", userId: named, deviceId, subject: channelId, reason },
      });
    },
    onOpened: (channelId, caller) =>
      evidence.note({
        ...describe(caller),
        action: "channel_opened",
        subject: channelId,
        reason: "",
      }),
    onClosed(channelId, reason, caller) {
      logger.debug({ channelId, reason }, "channel closed");
      if (caller === null) return;
      evidence.note({ ...describe(caller), action: "channel_closed", subject: channelId, reason });
    },
    onOpeningFailed(channelId, error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const details = { code: readCode(error), cause: readCode(cause) };
      logger.error({ channelId, ...details }, "a channel could not be opened");
    },
  });

  trust.onChanged(() => peers.recheck());
  const stopWatching = watchTrust({
    clock,
    store: trustStore,
    reload: trust.reload,
    recheck: () => peers.recheck(),
  });
  const pairingListeners: ((outcome: PairingOutcome) => void)[] = [];
  const pairing = awaitPairing({
    primitives: nativePrimitives,
    compositePublicKey: secrets.compositePublicKey,
    clock,
    logger,
    addRoot: trust.addRoot,
    onRefused: ({ userId, deviceId }) =>
      refusals.note({
        reason: "device_not_trusted",
        userId,
        deviceId,
        detail: "an answer to the pairing was not made with its secret",
      }),
    onOutcome(outcome) {
      for (const settled of pairingListeners) settled(outcome);
    },
  });

  // 4. The end of the registration: nothing that could still call or be called is left.
  let isWiped = false;
  async function wipe(): Promise<boolean> {
    peers.endLink("going_away");
    pairing.end();
    isWiped = await endRegistration({
      takeCredentials: () => state.wipe(),
      forgetDevices: trust.forgetDevices,
      stopTerminals,
      logger,
    });
    return isWiped;
  }
  /** The same but for good: a hub may have lost its memory, and get it back. */
  async function setAside(): Promise<void> {
    peers.endLink("going_away");
    pairing.end();
    await endRegistration({
      takeCredentials: () => state.setAside(wallClockMs()),
      stopTerminals,
      logger,
    });
  }

  // 5. By what way.
  const listeners = new Set<(state: LinkState, reason: string) => void>();
  const keeper = keepLink({
    client: createClient(WorkerLinkService, transport),
    workerId,
    workerToken: () => state.workerToken,
    compositePublicKey: secrets.compositePublicKey,
    mode,
    maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes,
    clock,
    random: nodeRandom,
    limits,
    receiver: {
      welcome(linkSender, maxMessageBytes) {
        if (hubAddress !== null) state.saveHubAddress(hubAddress);
        sender = linkSender;
        peers.startLink(linkSender, maxMessageBytes);
      },
      receiveFrame: (frame) => peers.receiveFrame(frame),
      openChannel: (order) => peers.openChannel(order),
      goingAway: (retryAfterMs) => logger.info({ retryAfterMs }, "the hub is going away"),
      pairingAnswer: (answer) => void pairing.accept(answer),
      deviceRevocations: (signed) => void trust.acceptRevocations(signed).catch(() => undefined),
      deregister: wipe,
    },
    // Only the hub that gave the token may say that it is none, and it says so in its own word: a network error,
    // a proxy or another hub ends nothing for good (docs/adr/0013-device-trust.md).
    async onRefused({ reason }) {
      const isOurHub = state.hubAddress !== null && state.hubAddress === hubAddress;
      if (reason === "worker_token_refused" && isOurHub && !isBundled) await setAside();
    },
    onState(linkState, end) {
      const reason = end ? (end.kind === "refused" && end.reason) || end.code : "";
      const level = linkState === "refused" ? "error" : "info";
      logger[level]({ state: linkState, reason: reason || undefined }, "link");
      for (const changed of listeners) changed(linkState, reason);
    },
    onDown() {
      sender = null;
      peers.endLink("link_lost");
    },
  });

  return {
    identity: {
      workerId,
      compositePublicKey: secrets.compositePublicKey,
      get workerToken() {
        return state.workerToken;
      },
    },
    async register({ registrationKey, secret }) {
      const { compositePublicKey } = secrets;
      const token = await registerWorker({
        transport,
        registrationKey,
        identity: { workerId, compositePublicKey },
        name,
        mode,
        workerMac:
          secret &&
          makeWorkerMac(nativePrimitives, secret, { workerId, compositeKey: compositePublicKey }),
      });
      // Whom the former registration trusted is nobody's business in this one.
      if (state.refusedState !== null) await trust.forgetDevices();
      state.saveToken(token, hubAddress);
      if (secret) pairing.begin(secret.slice());
    },
    onPairing: (settled) => void pairingListeners.push(settled),
    get isWiped() {
      return isWiped;
    },
    get refusedState() {
      return state.refusedState;
    },
    start: () => keeper.start(),
    async stop() {
      peers.endLink("going_away");
      await keeper.stop();
      stopWatching();
      pairing.end();
      await stopTerminals();
      await signer.stop();
      await trust.settle();
      await refusals.settle();
      noteWorker("worker_stopped");
      await evidence.finish();
      await database.destroy();
    },
    state: () => keeper.state(),
    onState(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

function describe({ userId, device }: Caller): { userId: string; deviceId: string } {
  return { userId, deviceId: device?.deviceId ?? "" };
}

/** An error by its code, else by its class: its message may say more than a log should. */
function readCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return "code" in error ? String(error.code) : error.name;
}
