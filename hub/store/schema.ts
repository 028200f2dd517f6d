import type { ColumnType, Generated, Selectable } from "kysely";
import type { LoginEndReason } from "../accounts/login-end.ts";

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
  users: UserTable;
  set_up: SetUpRow;
  logins: LoginRow;
  invitations: InvitationRow;
  revocation_events: RevocationEventTable;
  totp: TotpRow;
  recovery_codes: RecoveryCodeRow;
  passkeys: PasskeyRow;
  approval_requests: ApprovalRequestRow;
  grants: GrantRow;
  device_revocations: DeviceRevocationRow;
  audit_entries: AuditEntryRow;
  audit_signatures: AuditSignatureRow;
  audit_head: AuditHeadRow;
  api_tokens: ApiTokenTable;
  refresh_tokens: RefreshTokenTable;
  providers: ProviderRow;
  identities: IdentityRow;
  pending_sign_ups: PendingSignUpRow;
  settings: SettingRow;
  setting_changes: SettingChangeTable;
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
  put_at_ms: number;
}

/** Opaque and kept for as long as the account. */
export interface DeviceRevocationRow {
  user_id: string;
  sequence: number;
  device_id: string;
  signed_revocation: Uint8Array;
}

export type Role = "admin" | "user";

export type UserRow = Selectable<UserTable>;

export interface UserTable {
  user_id: string;
  username: string;
  display_name: string;
  role: Role;
  /** Null: nobody gets in by password, until a reset has set one. */
  password_hash: string | null;
  /** Counts what makes log-ins that are under way worthless: a new password, the end of all logins. */
  epoch: WithDefault;
  created_at_ms: number;
  last_seen_at_ms: WithDefault;
}

/** `place` is always 1. */
export interface SetUpRow {
  place: number;
  at_ms: number;
}

export interface LoginRow {
  login_id: string;
  user_id: string;
  token_hash: string;
  created_at_ms: number;
  last_seen_at_ms: number;
  expires_at_ms: number;
  user_agent: string;
  address: string;
  /** Of a command line. */
  cli: number;
}

export interface InvitationRow {
  invitation_id: string;
  token_hash: string;
  role: Role;
  /** Null: from the console of the data directory. */
  invited_by: string | null;
  /** Set: it makes no account but gives this one a new password. */
  resets_user_id: string | null;
  email: string;
  created_at_ms: number;
  expires_at_ms: number;
}

export type RevocationEventRow = Selectable<RevocationEventTable>;

/** Written in the transaction that revokes, and read in order of `sequence` by every process that relays. */
export interface RevocationEventTable {
  sequence: Generated<number>;
  kind: "login" | "worker" | "token";
  /** The id of the login, worker or token. */
  subject: string;
  reason: LoginEndReason;
  at_ms: number;
}

export interface TotpRow {
  user_id: string;
  /** Sealed by hub/keystore. */
  secret: Uint8Array;
  /** Of the last code that was accepted: none of it or before it counts again. */
  last_step: number;
  created_at_ms: number;
}

export interface RecoveryCodeRow {
  /** Keyed; a used code is gone. */
  code_hash: string;
  user_id: string;
}

export interface PasskeyRow {
  /** Base64url. */
  credential_id: string;
  user_id: string;
  name: string;
  /** COSE. */
  public_key: Uint8Array;
  counter: number;
  /** Names, with commas between them. */
  transports: string;
  created_at_ms: number;
  /** 0 when never. */
  last_used_at_ms: number;
}

/** Never changed. */
export interface AuditEntryRow {
  sequence: number;
  at_ms: number;
  actor_kind: string;
  actor_id: string;
  actor_via: string;
  address: string;
  action: string;
  target_kind: string;
  target_id: string;
  result: string;
  detail: string;
  hash: Uint8Array;
}

export interface AuditSignatureRow {
  sequence: number;
  public_key: Uint8Array;
  signature: Uint8Array;
}

/** `place` is always 1. Whoever appends changes it first, which keeps all others out. */
export interface AuditHeadRow {
  place: number;
  sequence: number;
  hash: Uint8Array;
  signed_sequence: number;
  /** Empty: there was no key yet. */
  public_key: Uint8Array;
}

export type ApiTokenRow = Selectable<ApiTokenTable>;

/** `delegation`: for what runs inside a terminal. Nothing makes one yet. */
export type TokenKind = "api" | "delegation";

/** A row is a family: one access token at a time, and the refresh tokens that bring the next one. */
export interface ApiTokenTable {
  token_id: string;
  kind: TokenKind;
  user_id: string;
  client_name: string;
  /** Names, with commas between them. */
  scopes: string;
  /** A user id, or "console". */
  issued_by: string;
  /** The token by which it was issued: when that one is revoked, this one goes with it. */
  parent_token_id: string | null;
  /** Keyed, of the latest access token. */
  access_hash: string;
  access_expires_at_ms: number;
  /** 1: the end of the latest access token was told to whoever stood on it. */
  access_ended: WithDefault;
  created_at_ms: number;
  last_used_at_ms: number;
  /** From then on not even a refresh token helps. */
  expires_at_ms: number;
  /** As it was asked for: no refresh goes beyond. */
  ends_at_ms: number;
}

export interface RefreshTokenTable {
  /** Keyed. */
  refresh_hash: string;
  token_id: string;
  generation: number;
  /** Null: not used yet. */
  rotated_at_ms: Later<number>;
}

export interface ProviderRow {
  provider_id: string;
  type: "oidc" | "github";
  name: string;
  issuer: string;
  client_id: string;
  /** Sealed by hub/keystore: the secret, or the key that secrets are signed with. */
  client_secret: Uint8Array;
  /** With spaces between them. */
  scopes: string;
  /** 1: it answers by a form that the browser posts. */
  form_post: number;
  /** 1: an address that it says is verified is one. */
  trust_email: number;
  enabled: number;
  /** Whoever has this value in this claim is an admin; both empty: nobody by that. */
  admin_claim: string;
  admin_value: string;
  created_at_ms: number;
}

export interface IdentityRow {
  identity_id: string;
  provider_id: string;
  /** As the provider names it, byte for byte. */
  subject: string;
  user_id: string;
  /** Verified, by a provider that is trusted with that; else empty. */
  email: string;
  /** 1: its claim made the account an admin, so its absence ends that. */
  gave_admin: number;
  linked_at_ms: number;
}

export interface PendingSignUpRow {
  /** Hash of what the browser holds. */
  sign_up_id: string;
  /** Sealed by hub/keystore. */
  payload: Uint8Array;
  expires_at_ms: number;
}

export interface SettingRow {
  name: string;
  /** As text; null where it is sealed. */
  value: string | null;
  /** Sealed by hub/keystore: of those that are secret. */
  sealed: Uint8Array | null;
  /** A user id, or "console". */
  changed_by: string;
  changed_at_ms: number;
}

/** Read in order of `sequence` by every process that shares the database. */
export interface SettingChangeTable {
  sequence: Generated<number>;
  name: string;
  action: "set" | "reset";
  changed_by: string;
  at_ms: number;
}
