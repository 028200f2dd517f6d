import { Code } from "@connectrpc/connect";
import type { UserIdClaim } from "@leapmux/proto/sealed/v1/message_pb.ts";
import { flagClose, type Frame } from "../envelope/frame.ts";
import type { CloseReason } from "../errors/close-reason.ts";
import { describeCloseReason } from "../errors/describe-close-reason.ts";
import {
  maxClaimBytes,
  maxEnvelopeBytes,
  openTimeoutMs,
  protocolVersion,
} from "../limits/limits.ts";
import { answerHandshake, type ResponderIdentity } from "../noise/answer-handshake.ts";
import type { HandshakeFailure, TransportKeys } from "../noise/handshake-result.ts";
import type { EncryptionMode, Primitives, Signer } from "../noise/primitives.ts";
import type { Clock, Random } from "../platform/platform.ts";
import { decodeMessage } from "../wire/decode-message.ts";
import { encodeMessage, type MessageBody } from "../wire/encode-message.ts";
import type { MessageBytes, MessagePipe } from "../wire/message-pipe.ts";
import { type FirstNonces, makeChannelEnd } from "./channel-end.ts";
import type { ClientClaim } from "./client-claim.ts";
import { makeResponderRekey } from "./responder-rekey.ts";

/** What a frame that is held costs beside its bytes. */
const heldFrameBytes = 64;

export interface ResponderOptions {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly identity: ResponderIdentity;
  /** The worker's own mode. */
  readonly mode: EncryptionMode;
  readonly workerId: string;
  readonly channelId: string;
  /** The user as the hub announced them. */
  readonly userId: string;
  readonly message1: Uint8Array;
  readonly maxMessageBytes: number;
  /** `hub`: the hub's word about the user is taken. `paired`: `verifyClaim` decides. */
  readonly clientAuth: "hub" | "paired";
  /** Checks device key, signature and grants (protocol §7). Absent, a paired worker refuses everybody. */
  readonly verifyClaim?: (
    claim: ClientClaim,
    binding: Uint8Array,
  ) => ClaimVerdict | Promise<ClaimVerdict>;
  /** Takes frames in order. */
  readonly sendFrame: (frame: Frame) => void;
  /** For tests of the nonce limits only. */
  readonly firstNonces?: FirstNonces;
}

export type ClaimVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: CloseReason;
      /** For the client, sealed; the words of the reason where there is none. */
      readonly message?: string;
    };

/** The worker's end of a channel. */
export interface Responder {
  /** Calls reach it only after the claim was accepted. */
  readonly pipe: MessagePipe;
  /** The handshake hash, 64 bytes. */
  readonly binding: Uint8Array;
  acceptFrame(frame: Frame): void;
  close(reason: CloseReason): void;
  /** Called once, at once if it is closed already. */
  onClose(closed: (reason: CloseReason) => void): void;
}

export type AcceptedInitiator =
  | { readonly ok: true; readonly message2: Uint8Array; readonly responder: Responder }
  | HandshakeFailure;

/** Answers a client's handshake. Duplicate ids, quotas and the mode are checked by the caller, before. */
export async function acceptInitiator(options: ResponderOptions): Promise<AcceptedInitiator> {
  const answer = await answerHandshake(options);
  if (!answer.ok) return answer;
  const { message2, keys, binding } = answer;
  return { ok: true, message2, responder: makeResponder(options, keys, binding) };
}

function makeResponder(
  options: ResponderOptions,
  keys: TransportKeys,
  binding: Uint8Array,
): Responder {
  const { clock } = options;
  let verified = false;
  let isClosed = false;
  /** What comes behind a claim while it is judged; the time for the opening runs on. */
  let held: Frame[] | null = null;
  let heldBytes = 0;

  const rekey = makeResponderRekey({ ...options, end: () => end });
  const end = makeChannelEnd({
    ...options,
    sendKey: keys.workerToClient,
    receiveKey: keys.clientToWorker,
    onControl: acceptControl,
    admitCall,
    onFrame: () => undefined,
    maxControlBytes: maxClaimBytes,
    holdCalls: false,
  });

  /** The sealed refusal says why in full; the close frame after it says it to the hub as well. */
  function refuse(
    reason: CloseReason,
    protocolVersions: number[] = [],
    message = describeCloseReason(reason),
  ): true {
    end.sendControl({ case: "userIdRefused", value: { reason, message, protocolVersions } });
    end.close(reason);
    return true;
  }

  function acceptClaim(claim: UserIdClaim): true {
    const { userId, devicePublicKey, signature, grants } = claim;
    if (!claim.protocolVersions.includes(protocolVersion)) {
      return refuse("version_unsupported", [protocolVersion]);
    }
    if (userId === "" || userId !== options.userId) return refuse("user_mismatch");
    if (options.clientAuth === "hub") admit();
    else judge({ userId, devicePublicKey, signature, grants });
    return true;
  }

  function judge(claim: ClientClaim): void {
    const verdict = options.verifyClaim?.(claim, binding);
    if (!(verdict instanceof Promise)) return decide(verdict);
    held = [];
    // Without a verdict nobody said yes.
    void verdict.then(decide, () => decide(undefined));
  }

  function decide(verdict: ClaimVerdict | undefined): void {
    const waiting = held ?? [];
    held = null;
    if (isClosed) return;
    if (verdict?.ok) admit();
    else refuse(verdict?.reason ?? "device_not_trusted", [], verdict?.message);
    for (const frame of waiting) end.acceptFrame(frame);
  }

  function hold(frame: Frame, waiting: Frame[]): void {
    heldBytes += frame.ciphertext.length + heldFrameBytes;
    if (heldBytes <= maxClaimBytes) waiting.push(frame);
    else end.close("user_not_verified");
  }

  function admit(): void {
    verified = true;
    end.limitControl(maxEnvelopeBytes);
    cancelTimeout();
    end.sendControl({ case: "userIdAccepted", value: { protocolVersion } });
  }

  function acceptControl(body: MessageBody): boolean {
    if (!verified) {
      return body.case === "userIdClaim" ? acceptClaim(body.value) : refuse("user_not_verified");
    }
    switch (body.case) {
      case "ping":
        end.sendControl({ case: "pong", value: { nonce: body.value.nonce } });
        return true;
      case "rekeyRequest":
      case "rekeyCommit":
        return rekey.accept(body);
      default:
        return false;
    }
  }

  /** A call before the claim is refused by itself; the claim may still come (protocol §5.1). */
  function admitCall(correlationId: bigint, message: MessageBytes): boolean {
    if (verified) return true;
    const decoded = decodeMessage(message);
    if (!decoded.ok) end.close(decoded.reason);
    else if (decoded.body.case === "callStart") {
      const reason = "user_not_verified";
      const value = { code: Code.Unauthenticated, message: describeCloseReason(reason), reason };
      end.pipe.send(correlationId, encodeMessage({ case: "callEnd", value }));
    }
    return false;
  }

  const cancelTimeout = clock.after(openTimeoutMs, () => end.close("user_not_verified"));
  end.pipe.onClose(() => {
    isClosed = true;
    cancelTimeout();
    rekey.stop();
  });

  return {
    pipe: end.pipe,
    binding,
    acceptFrame(frame) {
      if (held && frame.flags !== flagClose) hold(frame, held);
      else end.acceptFrame(frame);
    },
    close: (reason) => end.close(reason),
    onClose: (closed) => end.pipe.onClose(closed),
  };
}
