import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";

/**
 * Every refusal of a call in one table: the stable reason, its Connect code and what the caller can do
 * next. The reasons of protocol §9 come first, what only control calls know after them.
 */
export type RefusalReason =
  | Extract<
      CloseReason,
      | "channel_exists"
      | "worker_offline"
      | "handshake_failed"
      | "mode_refused"
      | "too_many_channels"
      | "rate_limited"
      | "version_unsupported"
      | "credential_revoked"
      | "going_away"
      | "link_lost"
      | "protocol_violation"
    >
  | "unauthenticated"
  | "login_expired"
  | "invalid_request"
  | "not_found"
  | "already_exists"
  | "limit_reached"
  | "registration_key_missing"
  | "registration_key_unknown"
  | "registration_key_used"
  | "registration_key_expired"
  | "registration_key_destroyed"
  | "registration_key_too_early"
  | "pairing_not_possible"
  | "worker_bundled"
  | "worker_token_refused"
  | "login_refused"
  | "wrong_password"
  | "throttled"
  | "password_unfit"
  | "token_refused"
  | "username_taken"
  | "sign_up_disabled"
  | "not_in_solo"
  | "admin_required"
  | "last_admin"
  | "scope_required"
  | "sole_way_in"
  | "provider_refused"
  | "setting_pinned"
  | "changed_meanwhile"
  | "owner_changed"
  | "key_needed"
  | "keys_busy"
  | "keys_unusable";

const table: Record<RefusalReason, readonly [Code, string]> = {
  channel_exists: [Code.AlreadyExists, "this channel id is in use: choose a fresh one"],
  worker_offline: [Code.Unavailable, "the worker is offline: start it, or wait until it is back"],
  handshake_failed: [Code.Aborted, "the worker refused the handshake: try again"],
  mode_refused: [
    Code.FailedPrecondition,
    "the worker runs another encryption mode: fetch its handshake parameters again",
  ],
  too_many_channels: [Code.ResourceExhausted, "too many channels are open: close one first"],
  rate_limited: [Code.ResourceExhausted, "too many channels were opened just now: wait a moment"],
  version_unsupported: [
    Code.FailedPrecondition,
    "no common protocol version: update the older side",
  ],
  credential_revoked: [Code.Unauthenticated, "this login has ended: log in again"],
  going_away: [Code.Unavailable, "the hub is stopping: try again in a moment"],
  link_lost: [Code.FailedPrecondition, "this link is not open: connect to /link first"],
  protocol_violation: [Code.InvalidArgument, "the protocol does not allow this"],
  login_expired: [Code.Unauthenticated, "this login was not used for too long: log in again"],
  unauthenticated: [Code.Unauthenticated, "log in first"],
  invalid_request: [Code.InvalidArgument, "the request is not valid"],
  not_found: [Code.NotFound, "there is no such thing, or it is not yours"],
  already_exists: [Code.AlreadyExists, "it exists already"],
  limit_reached: [Code.ResourceExhausted, "there are too many already: remove one first"],
  registration_key_missing: [
    Code.Unauthenticated,
    "a registration key is needed: copy the whole command that the hub shows",
  ],
  registration_key_unknown: [
    Code.Unauthenticated,
    "the registration key is not known: copy the whole command that the hub shows",
  ],
  registration_key_used: [
    Code.FailedPrecondition,
    "the registration key was used already: ask the hub for a new one",
  ],
  registration_key_expired: [
    Code.FailedPrecondition,
    "the registration key has expired: ask the hub for a new one",
  ],
  registration_key_destroyed: [
    Code.FailedPrecondition,
    "the registration key was withdrawn: ask the hub for a new one",
  ],
  registration_key_too_early: [
    Code.FailedPrecondition,
    "the registration key is good for a while yet: extend it later",
  ],
  pairing_not_possible: [Code.FailedPrecondition, "this worker does not wait for a pairing"],
  worker_bundled: [
    Code.FailedPrecondition,
    "this worker runs inside the hub and goes with it: it cannot be deregistered",
  ],
  worker_token_refused: [
    Code.Unauthenticated,
    "the hub does not know this worker or its token: register it again",
  ],
  login_refused: [
    Code.Unauthenticated,
    "user name, password or second factor is wrong: check them and try again",
  ],
  wrong_password: [Code.PermissionDenied, "this is not your password: try again"],
  throttled: [Code.ResourceExhausted, "too many tries: wait before the next one"],
  password_unfit: [Code.InvalidArgument, "this password cannot be used: choose another one"],
  token_refused: [
    Code.PermissionDenied,
    "this link is not known, was used already or has expired: ask for a new one",
  ],
  username_taken: [Code.AlreadyExists, "this user name is taken: choose another one"],
  sign_up_disabled: [
    Code.PermissionDenied,
    "this hub makes accounts by invitation only: ask an admin of it for a link",
  ],
  not_in_solo: [Code.FailedPrecondition, "solo mode has no accounts: run `leapmux hub` for them"],
  admin_required: [Code.PermissionDenied, "only admins of this hub may do that: ask one"],
  scope_required: [Code.PermissionDenied, "this token may not do that: use one with the scope"],
  setting_pinned: [
    Code.FailedPrecondition,
    "this setting is pinned where the hub is started: change it there",
  ],
  changed_meanwhile: [Code.Aborted, "somebody else changed settings just now: look, and try again"],
  owner_changed: [
    Code.Aborted,
    "the account that it is for changed just now: look at it, and try again",
  ],
  last_admin: [
    Code.FailedPrecondition,
    "this is the last admin of the hub: make somebody else an admin first",
  ],
  sole_way_in: [
    Code.FailedPrecondition,
    "this is the only way into the account: set a password, add a passkey or link another account first",
  ],
  provider_refused: [
    Code.FailedPrecondition,
    "the provider could not be asked: check its address, and that this hub reaches it",
  ],
  key_needed: [Code.FailedPrecondition, "this key is still needed"],
  keys_unusable: [Code.FailedPrecondition, "the files of the keys cannot be used"],
  keys_busy: [
    Code.Unavailable,
    "somebody else changes the keys at this moment: try again when that is done",
  ],
};

export function refuse(reason: RefusalReason, message?: string, retryAfterMs = 0): ConnectError {
  const [code, nextStep] = table[reason];
  return new ConnectError(message ?? nextStep, code, undefined, [
    { desc: ErrorReasonSchema, value: { reason, retryAfterMs } },
  ]);
}

export function isRefusalReason(text: string): text is RefusalReason {
  return Object.hasOwn(table, text);
}
