import type { Client } from "@connectrpc/connect";
import { EncryptionMode as ModeCode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import {
  type GetRegistrationResponse,
  RegistrationState,
  type WorkerService,
} from "@leapmux/proto/hub/v1/worker_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { DeviceOperations, PairingCheck, PairingProof } from "../trust/device-operations.ts";

/**
 * A registration key for as long as its dialog is open (protocol §7).
 *
 *   making ──▶ waiting ──worker came──▶ checking ──proof holds──▶ paired
 *     │           │  ▲                     └──it does not──▶ refused
 *     ▼           │  └─ extended while less than two minutes are left
 *   failed        └──time over──▶ expired ──renew──▶ making
 */
export type RegisterState =
  | { readonly kind: "making" }
  | { readonly kind: "waiting"; readonly key: string; readonly endsAtMs: number }
  | { readonly kind: "checking" }
  | {
      readonly kind: "paired";
      readonly workerId: string;
      readonly words: readonly string[];
      /** The worker could not be told that it may trust this device. */
      readonly isOneSided: boolean;
    }
  | {
      readonly kind: "refused";
      readonly workerId: string;
      readonly reason: (PairingCheck & { ok: false })["reason"];
    }
  | { readonly kind: "expired" }
  | { readonly kind: "failed"; readonly error: unknown };

export interface RegisterFlow {
  /** A new key; what the former one was good for is over. */
  renew(): void;
  /** The hub says that a worker came with some key of the account. */
  look(): void;
  /** Destroys the key and the pairing secret. */
  close(): void;
}

/** How long the hub lets a key live, and when it may be extended. By our own clock: the hub's may differ. */
const lifetimeMs = 5 * 60_000;
const extendBeforeMs = 2 * 60_000 - 5_000;
const againMs = 10_000;

type Hub = Pick<
  Client<typeof WorkerService>,
  | "createRegistrationKey"
  | "extendRegistrationKey"
  | "destroyRegistrationKey"
  | "getRegistration"
  | "answerPairing"
>;

interface LiveKey {
  readonly keyId: string;
  readonly pairingId: string;
  readonly text: string;
  /** As the hub says it; only differences are used. */
  expiresAtMs: bigint;
  endsAtMs: number;
}

export function makeRegisterFlow(parts: {
  readonly hub: Hub;
  readonly operations: Pick<DeviceOperations, "startPairing" | "checkPairing" | "endPairing">;
  readonly userId: () => string;
  readonly clock: Clock;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly onState: (state: RegisterState) => void;
}): RegisterFlow {
  const { hub, operations, clock, nowMs, onState } = parts;
  let live: LiveKey | undefined;
  let isLooking = false;
  let mustLook = false;
  let isClosed = false;
  let cancelTimer = () => {};

  async function make(): Promise<void> {
    onState({ kind: "making" });
    const { pairingId, secret } = await operations.startPairing({});
    const startedMs = nowMs();
    const made = await hub.createRegistrationKey({}).catch((error: unknown) => {
      void operations.endPairing({ pairingId });
      throw error;
    });
    const key: LiveKey = {
      keyId: made.keyId,
      pairingId,
      text: `${made.key}.${secret}`,
      expiresAtMs: made.expiresAtMs,
      endsAtMs: startedMs + lifetimeMs,
    };
    if (isClosed) return destroy(key);
    live = key;
    wait(key);
    // A worker that was quicker than the answer.
    void look(key);
  }

  function wait(key: LiveKey): void {
    onState({ kind: "waiting", key: key.text, endsAtMs: key.endsAtMs });
    schedule(key, Math.max(0, key.endsAtMs - extendBeforeMs - nowMs()));
  }

  function schedule(key: LiveKey, waitMs: number): void {
    cancelTimer();
    cancelTimer = clock.after(waitMs, () => {
      if (live !== key) return;
      if (nowMs() >= key.endsAtMs) return expire(key);
      hub.extendRegistrationKey({ keyId: key.keyId }).then(
        ({ expiresAtMs }) => {
          if (live !== key) return;
          key.endsAtMs += Number(expiresAtMs - key.expiresAtMs);
          key.expiresAtMs = expiresAtMs;
          wait(key);
          void look(key);
        },
        () => {
          if (live === key) schedule(key, Math.min(againMs, Math.max(0, key.endsAtMs - nowMs())));
        },
      );
    });
  }

  function expire(key: LiveKey): void {
    leave(key);
    onState({ kind: "expired" });
  }

  /** The key is over; the hub forgets it sooner for being told. */
  function leave(key: LiveKey): void {
    if (live === key) live = undefined;
    cancelTimer();
    destroy(key);
  }

  function destroy({ keyId, pairingId }: LiveKey): void {
    void operations.endPairing({ pairingId }).catch(() => {});
    void hub.destroyRegistrationKey({ keyId }).catch(() => {});
  }

  async function look(key: LiveKey): Promise<void> {
    mustLook = true;
    if (isLooking) return;
    isLooking = true;
    while (mustLook && live === key) {
      mustLook = false;
      // Where the hub does not answer, its next notice asks again.
      const found = await hub.getRegistration({ keyId: key.keyId }).catch(() => undefined);
      if (!found || live !== key) continue;
      if (found.state === RegistrationState.EXPIRED) expire(key);
      if (found.state === RegistrationState.REGISTERED) await check(key, found);
    }
    isLooking = false;
  }

  async function check(key: LiveKey, found: GetRegistrationResponse): Promise<void> {
    cancelTimer();
    onState({ kind: "checking" });
    const { workerId, compositePublicKey: compositeKey, workerMac } = found;
    // What is pinned as stronger than it is refuses to open; the other way round would be a loss.
    const mode = found.encryptionMode === ModeCode.CLASSIC ? "classic" : "post-quantum";
    const { pairingId } = key;
    const proof: PairingProof = {
      pairingId,
      userId: parts.userId(),
      workerId,
      compositeKey,
      mode,
      workerMac,
    };
    let checked: PairingCheck;
    try {
      checked = await operations.checkPairing(proof);
    } catch (error) {
      leave(key);
      return onState({ kind: "failed", error });
    }
    if (live !== key) return;
    if (!checked.ok) {
      leave(key);
      return onState({ kind: "refused", workerId, reason: checked.reason });
    }
    // From here on the key belongs to the worker: it waits for the answer, so nothing is destroyed.
    live = undefined;
    const { devicePublicKey, deviceMac } = checked;
    const { keyId } = key;
    const isOneSided = await hub.answerPairing({ keyId, devicePublicKey, deviceMac }).then(
      () => false,
      () => true,
    );
    onState({ kind: "paired", workerId, words: checked.fingerprint.words, isOneSided });
  }

  function start(): void {
    make().catch((error: unknown) => {
      if (!isClosed) onState({ kind: "failed", error });
    });
  }

  start();
  return {
    renew() {
      if (live) leave(live);
      start();
    },
    look() {
      if (live) void look(live);
    },
    close() {
      isClosed = true;
      if (live) leave(live);
    },
  };
}
