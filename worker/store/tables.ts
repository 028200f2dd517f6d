import type { Generated } from "kysely";

/** Rows of `worker.db`. Times are milliseconds since 1970-01-01 UTC, public keys 1984 bytes. */
export interface WorkerTables {
  terminals: TerminalRow;
  roots: RootRow;
  revocations: RevocationRow;
  known_devices: KnownDeviceRow;
  pending_devices: PendingDeviceRow;
  refused_openings: RefusedOpeningRow & { sequence: Generated<number> };
  evidence: EvidenceRow;
  evidence_cut: EvidenceCutRow;
}

/** Never changed; the oldest go. */
export interface EvidenceRow {
  sequence: number;
  at_ms: number;
  /** One of a closed list: evidence/evidence-store. */
  action: string;
  user_id: string;
  device_id: string;
  /** Of the channel or terminal. */
  subject: string;
  reason: string;
  count: number;
  hash: Uint8Array;
}

/** `place` is always 1: the last entry that was forgotten. */
export interface EvidenceCutRow {
  place: number;
  sequence: number;
  hash: Uint8Array;
}

/** A device that needs nobody's grant. */
export interface RootRow {
  device_id: string;
  public_key: Uint8Array;
  user_id: string;
  source: "pairing" | "console";
  added_at_ms: number;
}

/** Kept for ever, also when the console trusts the device again: a replay of the statement changes nothing. */
export interface RevocationRow {
  /** Of the signed body; "console " and the time for one that was typed here. */
  statement_id: string;
  device_id: string;
  public_key: Uint8Array;
  /** Absent: the console. */
  issuer_device_id: string | null;
  signed_revocation: Uint8Array | null;
  received_at_ms: number;
  /** Since when the console trusts the device all the same. */
  overruled_at_ms: number | null;
}

/** A device that proved itself once, with the grants that led to it. */
export interface KnownDeviceRow {
  device_id: string;
  public_key: Uint8Array;
  user_id: string;
  /** Whose worker it came to: the user of the root. */
  owner_id: string;
  /** SignedGrants, base64, as a JSON array. */
  chain: string;
  last_seen_at_ms: number;
}

/** A device that signed its claim and that nobody vouched for: what the console may approve. */
export interface PendingDeviceRow {
  device_id: string;
  public_key: Uint8Array;
  user_id: string;
  /** The four words, once they were computed: 0.1 s that a refused opening is not worth. */
  words: string | null;
  seen_at_ms: number;
}

export interface RefusedOpeningRow {
  at_ms: number;
  /** Of shared/errors/close-reason.ts. */
  reason: string;
  /** As the hub said it. */
  user_id: string;
  /** Empty where the claim named none. */
  device_id: string;
  detail: string;
}

export interface TerminalRow {
  terminal_id: string;
  user_id: string;
  workspace_id: string;
  /** Given by the user; empty: none. */
  manual_title: string;
  /** Set by the program last. */
  program_title: string;
  directory: string;
  shell: string;
  cols: number;
  rows: number;
  /** Absent while the shell runs, and when the worker ended under it. */
  exit_code: number | null;
  exit_signal: number | null;
  /** Screen and scrollback as escape sequences, zstd; absent before the first save. */
  snapshot: Uint8Array | null;
  created_at_ms: number;
}
