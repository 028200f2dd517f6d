import { Code, type Transport } from "@connectrpc/connect";
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeClock, nodeRandom } from "@leapmux/native/node-platform.ts";
import { makeClaimGrants } from "@leapmux/shared/client/claim-grants.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { dialHub } from "@leapmux/shared/client/dial-hub.ts";
import type { CallHub } from "@leapmux/shared/client/hub-answer.ts";
import { type HeldChannel, keepChannel } from "@leapmux/shared/client/keep-channel.ts";
import type { KeyGate } from "@leapmux/shared/client/key-gate.ts";
import type { LinkState, WorkerConnectionState } from "@leapmux/shared/client/link-state.ts";
import { openChannel } from "@leapmux/shared/client/open-channel.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import type { DeviceSigner } from "@leapmux/shared/identity/device-key.ts";
import { signClaim } from "@leapmux/shared/identity/sign-claim.ts";
import { makeClosedError, makeReasonError } from "@leapmux/shared/wire/call-error.ts";
import { createCallTransport } from "@leapmux/shared/wire/call-transport.ts";
import { dialSocket } from "./dial-socket.ts";

/**
 * The command line's channel to one worker: the link to the hub and the channel on it, both opened again by
 * themselves after a loss. What decides about keys and devices is handed in.
 */
export interface WorkerChannel {
  readonly link: LinkState;
  readonly state: WorkerConnectionState;
  /** Resolves when a channel is open; rejects when the worker is refused. */
  whenOpen(signal: AbortSignal): Promise<Transport>;
  /** Opens again what was refused, or does not wait any longer. */
  retry(): void;
  /** Fetches grants; true where this device can show something else than before, which is then tried. */
  refreshGrants(): Promise<boolean>;
  /** For good. */
  close(): void;
}

export interface WorkerChannelEvents {
  readonly onLink: (state: LinkState) => void;
  readonly onState: (state: WorkerConnectionState) => void;
  /** Approval requests, grants or revocations of the account changed. */
  readonly onDevices: () => void;
}

export function makeWorkerChannel(options: {
  readonly hub: string;
  readonly loginToken: string | undefined;
  readonly workerId: string;
  readonly callHub: CallHub;
  readonly gate: KeyGate;
  /** Undefined in solo mode, where the host is the boundary. */
  readonly device: DeviceSigner | undefined;
  readonly events: WorkerChannelEvents;
}): WorkerChannel {
  const { hub, loginToken, workerId, callHub, device, events } = options;
  const acceptFrame = new Map<string, (frame: Frame) => void>();
  const waiting = new Set<{
    resolve(transport: Transport): void;
    reject(error: unknown): void;
  }>();
  let transport: Transport | undefined;
  let state: WorkerConnectionState = { kind: "idle" };
  let linkState: LinkState = { kind: "connecting" };
  let isClosed = false;
  const grants = makeClaimGrants({
    callHub,
    primitives: nativeDevicePrimitives,
    nowMs: () => Date.now(),
  });

  async function refreshGrants(): Promise<boolean> {
    const isNew = device !== undefined && (await grants.refresh(device.publicKey));
    if (isNew) kept.grantsChanged();
    return isNew;
  }

  async function prepareClaim(userId: string, maxMessageBytes: number) {
    if (!device) return async () => ({ userId });
    const shown = await grants.of(device.publicKey, maxMessageBytes);
    return async (binding: Uint8Array) => ({
      userId,
      devicePublicKey: device.publicKey,
      signature: await signClaim(device, binding, userId),
      grants: shown,
    });
  }

  async function open(linkId: string, signal: AbortSignal) {
    const result = await openChannel(
      {
        primitives: nativePrimitives,
        random: nodeRandom,
        clock: nodeClock,
        callHub,
        gate: options.gate,
        sendFrame: link.sendFrame,
        prepareClaim,
      },
      {
        workerId,
        linkId,
        signal,
        accept(channelId, initiator) {
          acceptFrame.set(channelId, initiator.acceptFrame);
          initiator.pipe.onClose(() => acceptFrame.delete(channelId));
        },
        onRekeyed: () => {},
      },
    );
    if (!result.ok) return result;
    const { pipe } = result.initiator;
    const opened = createCallTransport(pipe, { clock: nodeClock });
    transport = opened;
    pipe.onClose(() => {
      if (transport === opened) transport = undefined;
    });
    const held: { ok: true } & HeldChannel = {
      ok: true,
      state: { kind: "open", trust: result.trust },
      onClose: pipe.onClose,
      close: (reason) => result.initiator.close(reason),
    };
    return held;
  }

  function seeLink(next: LinkState): void {
    if (linkState.kind === "ended" || isClosed) return;
    linkState = next;
    if (next.kind === "ended") stop("credential_revoked");
    events.onLink(next);
  }

  /** Whoever waits for a channel hears why none comes. */
  function stop(reason: CloseReason): void {
    isClosed = true;
    kept.close();
    link.close();
    for (const each of waiting) each.reject(makeClosedError(reason));
    waiting.clear();
  }

  const kept = keepChannel({
    clock: nodeClock,
    nowMs: () => Date.now(),
    random: nodeRandom,
    open,
    onState(next) {
      state = next;
      if (next.kind === "open" && transport) {
        for (const each of waiting) each.resolve(transport);
        waiting.clear();
      }
      if (next.kind === "refused") {
        const error = makeReasonError(Code.PermissionDenied, next.reason);
        for (const each of waiting) each.reject(error);
        waiting.clear();
      }
      events.onState(next);
    },
  });

  const link = dialHub({
    clock: nodeClock,
    nowMs: () => Date.now(),
    random: nodeRandom,
    makeSocket: () =>
      dialSocket({
        hub,
        loginToken,
        onUnauthorised: () => seeLink({ kind: "ended", reason: "unknown" }),
      }),
    onState: seeLink,
    onUp(linkId) {
      kept.linkUp(linkId);
      // What changed while the link was away was told to nobody.
      void refreshGrants();
    },
    onDown: () => kept.linkDown(),
    onChanged(changed) {
      if (changed.workers) kept.nudge();
      if (changed.devices) events.onDevices();
    },
    onFrames(frames) {
      for (const frame of frames) acceptFrame.get(frame.channelId)?.(frame);
    },
  });
  kept.want();

  return {
    get link() {
      return linkState;
    },
    get state() {
      return state;
    },
    whenOpen(signal) {
      if (isClosed) return Promise.reject(makeClosedError("closed"));
      if (transport && state.kind === "open") return Promise.resolve(transport);
      if (state.kind === "refused") {
        return Promise.reject(makeReasonError(Code.PermissionDenied, state.reason));
      }
      const { promise, resolve, reject } = Promise.withResolvers<Transport>();
      const entry = { resolve, reject };
      waiting.add(entry);
      const leave = () => {
        waiting.delete(entry);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      return promise.finally(() => signal.removeEventListener("abort", leave));
    },
    retry: () => kept.retry(),
    refreshGrants,
    close: () => stop("closed"),
  };
}
