import type { ReportedKey } from "../identity/pin-store.ts";

/** Whether a channel may be opened with the key that the hub reports, and how far that key is known. */
export type Admission =
  | { readonly ok: true; readonly trust: "verified" | "pinned" | "first" }
  | { readonly ok: false; readonly reason: "key_changed" | "mode_refused" | "link_lost" };

/** Asked before the handshake and told after it (protocol §8). Whom it asks is the client's business. */
export interface KeyGate {
  /** `signal` ends the wait of this call; the question itself stays open for the next one. */
  admit(reported: ReportedKey, signal: AbortSignal): Promise<Admission>;
  /** The handshake with this key succeeded. False when a different one was pinned meanwhile. */
  proved(reported: ReportedKey): Promise<boolean>;
}
