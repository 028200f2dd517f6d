import type { ColumnType, Selectable } from "kysely";

/**
 * What the hub keeps. Columns are text, bigint (as number: all are below 2^53) and bytes only, booleans
 * are 0 or 1, and nothing sorts by a collation, so that PostgreSQL can hold the same tables.
 * Never here: titles of tabs, paths, tokens in clear, private keys.
 */
export interface Tables {
  workspaces: WorkspaceRow;
  tabs: TabRow;
  workers: WorkerTable;
  registration_keys: RegistrationKeyTable;
  approval_requests: ApprovalRequestRow;
  grants: GrantRow;
  device_revocations: DeviceRevocationRow;
}

export interface WorkspaceRow {
  workspace_id: string;
  user_id: string;
  title: string;
  created_at_ms: number;
}

export interface TabRow {
  tab_id: string;
  workspace_id: string;
  worker_id: string;
  kind: "terminal";
  position: string;
}

export type WorkerRow = Selectable<WorkerTable>;

export interface WorkerTable {
  worker_id: string;
  /** Who registered it and may use it. */
  user_id: string;
  name: string;
  composite_public_key: Uint8Array;
  encryption_mode: "classic" | "post-quantum";
  token_hash: string;
  bundled: WithDefault;
  created_at_ms: number;
  last_seen_at_ms: WithDefault;
  /** One of a closed list of names; empty for the usual picture. */
  icon: ColumnType<string, string | undefined, string>;
  /** 1: told, or to be told, to stop for good; opens no channels any more. */
  deregistering: WithDefault;
}

type WithDefault = ColumnType<number, number | undefined, number>;
type Later<T> = ColumnType<T | null, T | null | undefined, T | null>;

export type RegistrationKeyRow = Selectable<RegistrationKeyTable>;

/** What a worker and a device say to each other over a key (protocol §7) is kept as it came. */
export interface RegistrationKeyTable {
  key_id: string;
  key_hash: string;
  user_id: string;
  expires_at_ms: number;
  destroyed_at_ms: Later<number>;
  /** Null until it was used: single use. What the worker sent is set with it. */
  used_at_ms: Later<number>;
  worker_id: Later<string>;
  composite_public_key: Later<Uint8Array>;
  encryption_mode: Later<"classic" | "post-quantum">;
  /** Empty from a worker that wants no pairing. */
  worker_mac: Later<Uint8Array>;
  device_public_key: Later<Uint8Array>;
  device_mac: Later<Uint8Array>;
}

export interface ApprovalRequestRow {
  request_id: string;
  user_id: string;
  device_public_key: Uint8Array;
  user_agent: string;
  address: string;
  created_at_ms: number;
  expires_at_ms: number;
}

/** Opaque: signed by a device, checked by devices and workers. */
export interface GrantRow {
  user_id: string;
  issuer_device_id: string;
  subject_device_id: string;
  signed_grant: Uint8Array;
}

/** Opaque and kept for as long as the account. */
export interface DeviceRevocationRow {
  user_id: string;
  sequence: number;
  device_id: string;
  signed_revocation: Uint8Array;
}
