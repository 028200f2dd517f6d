import type { Frame } from "../envelope/frame.ts";
import { type CloseReason, parseCloseReason } from "../errors/close-reason.ts";
import { describeCloseReason } from "../errors/describe-close-reason.ts";
import { openTimeoutMs, protocolVersion } from "../limits/limits.ts";
import type { HandshakeFailure, TransportKeys } from "../noise/handshake-result.ts";
import type { EncryptionMode, Primitives } from "../noise/primitives.ts";
import { startHandshake } from "../noise/start-handshake.ts";
import type { Clock, Random } from "../platform/platform.ts";
import type { MessageBody } from "../wire/encode-message.ts";
import type { MessagePipe } from "../wire/message-pipe.ts";
import { makeChannelEnd, type FirstNonces } from "./channel-end.ts";
import type { ClientClaim } from "./client-claim.ts";
import { makeInitiatorRekey } from "./initiator-rekey.ts";

export interface InitiatorOptions {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly clock: Clock;
  readonly mode: EncryptionMode;
  readonly workerId: string;
  readonly channelId: string;
  /** The worker's composite static key, 1664 bytes. */
  readonly workerKey: Uint8Array;
  /**
   * A function where the claim is signed over the channel binding; it may take its time, as WebCrypto does. One
   * that throws or rejects ends the channel: no claim is ever sent without its signature.
   */
  readonly claim: ClientClaim | ((binding: Uint8Array) => ClientClaim | Promise<ClientClaim>);
  readonly maxMessageBytes: number;
  /** Takes frames in order; the first ones during `finish`. */
  readonly sendFrame: (frame: Frame) => void;
  /** After each rekey, the one at opening included. */
  readonly onRekeyed?: () => void;
  /** For tests of the nonce limits only. */
  readonly firstNonces?: FirstNonces;
}

export type OpenedResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: CloseReason;
      readonly message: string;
      /** With `version_unsupported`: the versions that the worker speaks. */
      readonly protocolVersions?: readonly number[];
    };

/** The client's end of a channel. */
export interface Initiator {
  /** May be used at once: what is sent before the channel is open waits for that. */
  readonly pipe: MessagePipe;
  /** The handshake hash, 64 bytes. */
  readonly binding: Uint8Array;
  /** Settles when the worker took the claim, its pong decrypted and, in post-quantum mode, the keys are new. */
  readonly opened: Promise<OpenedResult>;
  acceptFrame(frame: Frame): void;
  close(reason: CloseReason): void;
  status(): {
    readonly mode: EncryptionMode;
    readonly keyAgeMs: number;
    readonly rekeyCount: number;
  };
}

export interface StartedInitiator {
  readonly ok: true;
  /** For OpenChannel. */
  readonly message1: Uint8Array;
  /** Once. Sends claim, ping and rekey request in one flight. */
  finish(
    message2: Uint8Array,
  ): { readonly ok: true; readonly initiator: Initiator } | HandshakeFailure;
  /** Gives up before `finish`. */
  destroy(): void;
}

/** Opens a channel from the client's side (protocol §§3, 5). Fails at once only for a worker key that is none. */
export function startInitiator(options: InitiatorOptions): StartedInitiator | HandshakeFailure {
  const handshake = startHandshake(options);
  if (!handshake.ok) return handshake;
  return {
    ok: true,
    message1: handshake.message1,
    destroy: () => handshake.destroy(),
    finish(message2) {
      const result = handshake.finish(message2);
      if (!result.ok) return result;
      return { ok: true, initiator: makeInitiator(options, result.keys, result.binding) };
    },
  };
}

function makeInitiator(
  options: InitiatorOptions,
  keys: TransportKeys,
  binding: Uint8Array,
): Initiator {
  const { clock, random, mode } = options;
  const pingNonce = new DataView(random(8).slice().buffer).getBigUint64(0);
  // What opening still waits for; nothing left: the channel is open.
  const awaited = new Set<"claim" | "ping" | "rekey">(["claim", "ping"]);
  if (mode === "post-quantum") awaited.add("rekey");
  const opened = Promise.withResolvers<OpenedResult>();

  const rekey = makeInitiatorRekey({
    ...options,
    end: () => end,
    onRekeyed() {
      proceed("rekey");
      options.onRekeyed?.();
    },
    onRefused() {
      // Without it the first user byte would lack forward secrecy against a quantum adversary (§5.3).
      if (awaited.has("rekey")) end.close("protocol_violation");
    },
  });

  const end = makeChannelEnd({
    ...options,
    sendKey: keys.clientToWorker,
    receiveKey: keys.workerToClient,
    onControl: acceptControl,
    // The worker has nothing to say on calls before the channel is open: none was sent.
    admitCall(correlationId) {
      if (awaited.size > 0) end.close("protocol_violation");
      return awaited.size === 0 && correlationId > 0n;
    },
    onFrame: () => rekey.checkNonces(),
    holdCalls: true,
  });

  function proceed(step: "claim" | "ping" | "rekey"): boolean {
    if (!awaited.delete(step)) return step === "rekey";
    if (awaited.size > 0 || end.closed) return true;
    cancelTimeout();
    end.releaseCalls();
    opened.resolve({ ok: true });
    return true;
  }

  function acceptControl(body: MessageBody): boolean {
    switch (body.case) {
      case "userIdAccepted":
        if (body.value.protocolVersion !== protocolVersion) {
          end.close("version_unsupported");
          return true;
        }
        return proceed("claim");
      case "userIdRefused": {
        const reason = parseCloseReason(body.value.reason);
        const { message, protocolVersions } = body.value;
        opened.resolve({ ok: false, reason, message, protocolVersions });
        end.close(reason, false);
        return true;
      }
      case "pong":
        return body.value.nonce === pingNonce && proceed("ping");
      case "rekeyAck":
      case "rekeyRefused":
        return rekey.accept(body);
      default:
        return false;
    }
  }

  const cancelTimeout = clock.after(openTimeoutMs, () => end.close("handshake_failed"));
  end.pipe.onClose((reason) => {
    cancelTimeout();
    rekey.stop();
    opened.resolve({ ok: false, reason, message: describeCloseReason(reason) });
  });

  // Claim, ping and, in post-quantum mode, the first rekey: one flight (§5.1–3).
  function sendFirstFlight(claim: ClientClaim): void {
    end.sendControl({
      case: "userIdClaim",
      value: {
        userId: claim.userId,
        devicePublicKey: new Uint8Array(claim.devicePublicKey ?? []),
        signature: new Uint8Array(claim.signature ?? []),
        grants: (claim.grants ?? []).map((grant) => new Uint8Array(grant)),
        protocolVersions: [protocolVersion],
      },
    });
    end.sendControl({ case: "ping", value: { nonce: pingNonce } });
    if (mode === "post-quantum" && !end.closed) rekey.request();
  }

  function cannotClaim(): void {
    const message = "this device could not sign its claim";
    opened.resolve({ ok: false, reason: "device_not_trusted", message });
    end.close("device_not_trusted");
  }

  try {
    const claim = typeof options.claim === "function" ? options.claim(binding) : options.claim;
    if (claim instanceof Promise) void claim.then(sendFirstFlight).catch(cannotClaim);
    else sendFirstFlight(claim);
  } catch {
    cannotClaim();
  }

  return {
    pipe: end.pipe,
    binding,
    opened: opened.promise,
    acceptFrame: (frame) => end.acceptFrame(frame),
    close: (reason) => end.close(reason),
    status: () => ({
      mode,
      keyAgeMs: Math.max(end.sealKey.ageMs(), end.openKey.ageMs()),
      rekeyCount: rekey.count,
    }),
  };
}
