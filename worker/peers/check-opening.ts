import { EncryptionMode as WireMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import type { OpenChannelOrder } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { maxIdLength, message1Bytes } from "@leapmux/shared/limits/limits.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";

/** What a worker knows when an opening arrives. */
export interface OpeningSituation {
  readonly mode: EncryptionMode;
  readonly isOpen: (channelId: string) => boolean;
  readonly channels: number;
  readonly channelsOfUser: (userId: string) => number;
  readonly maxChannels: number;
  readonly maxChannelsPerUser: number;
  readonly takeRate: (userId: string) => boolean;
}

/** 16 bytes as base64url without padding (protocol §3). */
const channelIdPattern = /^[A-Za-z0-9_-]{22}$/;

/**
 * Everything that can be refused before the first asymmetric operation (protocol §3, order of work).
 * `null`: go on.
 */
export function checkOpening(
  order: OpenChannelOrder,
  situation: OpeningSituation,
): CloseReason | null {
  const { channelId, userId, encryptionMode, message1 } = order;
  const wanted = situation.mode === "classic" ? WireMode.CLASSIC : WireMode.POST_QUANTUM;
  if (encryptionMode !== wanted) return "mode_refused";
  if (!channelIdPattern.test(channelId)) return "handshake_failed";
  if (userId.length === 0 || userId.length > 2 * maxIdLength) return "handshake_failed";
  if (message1.length !== message1Bytes[situation.mode]) return "handshake_failed";
  if (situation.isOpen(channelId)) return "channel_exists";
  if (situation.channels >= situation.maxChannels) return "too_many_channels";
  if (situation.channelsOfUser(userId) >= situation.maxChannelsPerUser) return "too_many_channels";
  if (!situation.takeRate(userId)) return "rate_limited";
  return null;
}
