import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { EncryptionMode as ModeCode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { HubKind, SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { type Initiator, startInitiator } from "../endpoint/initiator.ts";
import type { ClientClaim } from "../endpoint/client-claim.ts";
import type { Frame } from "../envelope/frame.ts";
import type { CloseReason } from "../errors/close-reason.ts";
import type { ReportedKey } from "../identity/pin-store.ts";
import {
  compositeKeyBytes,
  defaultMaxMessageBytes,
  leastMaxMessageBytes,
  mostMaxMessageBytes,
} from "../limits/limits.ts";
import type { EncryptionMode, Primitives } from "../noise/primitives.ts";
import type { Clock, Random } from "../platform/platform.ts";
import type { KeyGate } from "./key-gate.ts";
import { type CallHub, closeReasonOf } from "./hub-answer.ts";
import { encodeBase64url } from "../identity/base64url.ts";
import type { Trust } from "./link-state.ts";

/**
 * One try to open a channel, from the hub's report to the answered ping (protocol §§3, 5). Whatever
 * the hub says is checked before use; the pin is asked before the first key operation.
 */
export type OpenedChannel =
  | {
      readonly ok: true;
      readonly channelId: string;
      readonly initiator: Initiator;
      readonly reported: ReportedKey;
      readonly trust: Trust;
    }
  | ChannelRefusal;

export interface ChannelRefusal {
  readonly ok: false;
  readonly reason: CloseReason;
  /** What the hub asked for; 0 where it said nothing. */
  readonly retryAfterMs: number;
}

export interface ChannelOpening {
  readonly workerId: string;
  /** The link on which the frames will travel. */
  readonly linkId: string;
  readonly signal: AbortSignal;
  /** Frames of this channel go to `initiator` from now on, until its pipe closes. */
  accept(channelId: string, initiator: Initiator): void;
  onRekeyed(): void;
}

export interface OpeningParts {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly clock: Clock;
  readonly callHub: CallHub;
  readonly gate: KeyGate;
  readonly sendFrame: (frame: Frame) => void;
  /** What a hub with logins makes worth proving (protocol §7); in solo mode the host is the boundary. */
  readonly prepareClaim: (userId: string, maxMessageBytes: number) => Promise<MakeClaim>;
}

type MakeClaim = (binding: Uint8Array) => Promise<ClientClaim>;

export async function openChannel(
  parts: OpeningParts,
  opening: ChannelOpening,
): Promise<OpenedChannel> {
  const { callHub, random } = parts;
  const { workerId, signal } = opening;

  // 1. Who we are, and what the hub says about the worker.
  const [system, params] = await Promise.all([
    callHub(SystemService.method.getSystemInfo, {}, { signal }),
    callHub(ChannelService.method.getWorkerHandshakeParams, { workerId }, { signal }),
  ]);
  if (!system.ok) return refuse(closeReasonOf(system), system.retryAfterMs);
  if (!params.ok) return refuse(closeReasonOf(params), params.retryAfterMs);
  const { compositePublicKey, encryptionMode, maxMessageBytes } = params.response;
  const mode = decodeMode(encryptionMode);
  if (!mode || compositePublicKey.length !== compositeKeyBytes) return refuse("protocol_violation");
  const reported: ReportedKey = { workerId, compositeKey: compositePublicKey, mode };

  // 2. The pin, and where it differs the person.
  let admission;
  try {
    admission = await parts.gate.admit(reported, signal);
  } catch {
    return refuse(signal.aborted ? "link_lost" : "pins_unreadable");
  }
  if (!admission.ok) return refuse(admission.reason);

  // 3. The handshake.
  const { kind, userId } = system.response;
  const messageBytes = clampMessageBytes(maxMessageBytes);
  const claim = kind === HubKind.SOLO ? { userId } : await parts.prepareClaim(userId, messageBytes);
  const channelId = encodeBase64url(random(16));
  const started = startInitiator({
    primitives: parts.primitives,
    random,
    clock: parts.clock,
    mode,
    workerId,
    channelId,
    workerKey: compositePublicKey,
    claim,
    maxMessageBytes: messageBytes,
    sendFrame: parts.sendFrame,
    onRekeyed: opening.onRekeyed,
  });
  if (!started.ok) return refuse(started.reason);
  const answer = await callHub(
    ChannelService.method.openChannel,
    {
      workerId,
      channelId,
      linkId: opening.linkId,
      encryptionMode: mode === "classic" ? ModeCode.CLASSIC : ModeCode.POST_QUANTUM,
      message1: started.message1,
    },
    { signal },
  );
  if (!answer.ok || signal.aborted) {
    started.destroy();
    return answer.ok ? refuse("link_lost") : refuse(closeReasonOf(answer), answer.retryAfterMs);
  }
  const finished = started.finish(answer.response.message2);
  if (!finished.ok) return refuse(finished.reason);
  const { initiator } = finished;

  // 4. Claim, ping and rekey are on their way; open once the pong decrypted.
  opening.accept(channelId, initiator);
  const abort = () => initiator.close("link_lost");
  signal.addEventListener("abort", abort, { once: true });
  const opened = await initiator.opened;
  signal.removeEventListener("abort", abort);
  if (!opened.ok) return refuse(opened.reason);

  // 5. Proved: now the key may be pinned.
  let pinned;
  try {
    pinned = await parts.gate.proved(reported);
  } catch {
    initiator.close("closed");
    return refuse("pins_unreadable");
  }
  if (!pinned) {
    initiator.close("key_changed");
    return refuse("link_lost");
  }
  if (signal.aborted) {
    initiator.close("link_lost");
    return refuse("link_lost");
  }
  return { ok: true, channelId, initiator, reported, trust: admission.trust };
}

function refuse(reason: CloseReason, retryAfterMs = 0): ChannelRefusal {
  return { ok: false, reason, retryAfterMs };
}

function decodeMode(code: ModeCode): EncryptionMode | null {
  if (code === ModeCode.CLASSIC) return "classic";
  if (code === ModeCode.POST_QUANTUM) return "post-quantum";
  return null;
}

function clampMessageBytes(bytes: number): number {
  if (bytes === 0) return defaultMaxMessageBytes;
  return Math.min(Math.max(bytes, leastMaxMessageBytes), mostMaxMessageBytes);
}
