import type { CloseReason } from "./close-reason.ts";

const texts: Readonly<Record<CloseReason, string>> = {
  channel_exists: "channel id is open already",
  worker_offline: "worker is offline",
  handshake_failed: "handshake failed",
  mode_refused: "encryption mode refused",
  user_mismatch: "user ID mismatch",
  user_not_verified: "user ID not verified",
  device_not_trusted: "device is not trusted by this worker",
  too_many_channels: "too many channels",
  message_too_large: "message too large",
  interleaved_chunks: "chunks of two messages interleaved",
  credential_revoked: "credential was revoked",
  key_too_old: "key grew too old",
  nonce_exhausted: "nonces of a key are used up",
  slow_consumer: "consumer stayed too slow",
  going_away: "the other side is going away",
  closed: "channel was closed",
  decrypt_failed: "a frame did not open",
  protocol_violation: "protocol violated",
  link_lost: "link was lost",
  rate_limited: "too many attempts",
  version_unsupported: "protocol version not supported",
  worker_deregistered: "worker was taken off this hub",
  key_changed: "worker public key changed",
  pins_unreadable: "known worker keys cannot be read",
};

/** The reason in words for people; carries nothing that the reason does not. */
export function describeCloseReason(reason: CloseReason): string {
  return texts[reason];
}
