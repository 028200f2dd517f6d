/**
 * Why a channel was refused or ended: stable, machine-readable, the same on the wire, in logs and in tests.
 * The first block is protocol §9; the rest names what an end decides by itself.
 */
export const closeReasons = [
  "channel_exists",
  "worker_offline",
  "handshake_failed",
  "mode_refused",
  "user_mismatch",
  "user_not_verified",
  "device_not_trusted",
  "too_many_channels",
  "message_too_large",
  "interleaved_chunks",
  "credential_revoked",
  "key_too_old",
  "nonce_exhausted",
  "slow_consumer",
  "going_away",
  // Closed on purpose by its owner.
  "closed",
  // A frame did not open: altered, replayed, reordered, or sealed for somebody else.
  "decrypt_failed",
  // Opened, but is not what the protocol allows at this place.
  "protocol_violation",
  // The link below the channel ended.
  "link_lost",
  // Too many openings in this minute.
  "rate_limited",
  // The other side speaks none of our protocol versions.
  "version_unsupported",
  // Its owner, or an admin of the hub, took the worker off the hub.
  "worker_deregistered",
  // The pinned key or mode of the worker differs and was not accepted.
  "key_changed",
  // The pins of this client cannot be read, so no key can be checked.
  "pins_unreadable",
] as const;

export type CloseReason = (typeof closeReasons)[number];

const known: ReadonlySet<string> = new Set(closeReasons);

/** A reason from outside; what this version does not know is a `protocol_violation`. */
export function parseCloseReason(text: string): CloseReason {
  return known.has(text) ? (text as CloseReason) : "protocol_violation";
}
