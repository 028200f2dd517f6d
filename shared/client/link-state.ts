import type { CloseReason } from "../errors/close-reason.ts";
import type { EncryptionMode } from "../noise/primitives.ts";

/**
 * What the page knows of its link to the hub and of its channels to workers. Times are Date.now()
 * milliseconds, because they cross from the crypto thread to the page and are shown to people.
 */

/**
 *   connecting ──hello──▶ online ──lost──▶ waiting ──time or wake──▶ connecting
 *        └──────failed──────────────────────▲
 *
 * From anywhere ──login over──▶ ended, for the rest of the page's life: only a new login leads on.
 */
export type LinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  | { readonly kind: "waiting"; readonly retryAtMs: number }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "ended"; readonly reason: LoginEnd };

/** Why a login is over, as the hub says; "unknown" where it does not, or says what only a newer page knows. */
export type LoginEnd =
  | "logged_out"
  | "ended_by_user"
  | "ended_by_admin"
  | "password_changed"
  | "password_reset"
  | "account_deleted"
  | "expired"
  | "refresh_reused"
  | "unknown";

/** How far the worker's key can be trusted: compared by pairing, known from before, or new today. */
export type Trust = "verified" | "pinned" | "first";

/**
 *   idle ──open──▶ opening ──pong──▶ open ──lost──▶ waiting ──▶ opening
 *                     └──key or mode rejected──▶ refused (until a person asks again; a rejected key: for the page's life)
 */
export type WorkerConnectionState =
  | { readonly kind: "idle" }
  | { readonly kind: "opening" }
  | { readonly kind: "open"; readonly trust: Trust }
  | {
      readonly kind: "waiting";
      readonly retryAtMs: number;
      readonly reason: CloseReason;
    }
  | { readonly kind: "refused"; readonly reason: RefusalReason };

/** Why a worker is refused; `pins_unreadable` where this browser's own memory of keys fails. */
export type RefusalReason = CloseReason;

export interface ChannelStatus {
  readonly mode: EncryptionMode;
  /** Age of the present transport keys, ms. */
  readonly keyAgeMs: number;
  readonly rekeyCount: number;
}

/** Something of the control plane changed: whoever shows it fetches it again. */
export interface ControlPlaneChange {
  readonly workers: boolean;
  readonly workspaces: boolean;
  /** Workspaces whose tabs changed. */
  readonly workspaceIds: readonly string[];
  /** The account itself, its logins or its factors. */
  readonly account: boolean;
  /** Approval requests, grants or revocations of the account. */
  readonly devices: boolean;
  /** A worker came with a registration key of the account. */
  readonly registrations: boolean;
}
