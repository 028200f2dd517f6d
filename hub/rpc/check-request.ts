import type { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { devicePublicKeyBytes, maxGrantBytes } from "@leapmux/shared/limits/limits.ts";
import { checkTitle, maxTitleLength } from "@leapmux/shared/limits/title.ts";
import { modeOf, type Mode } from "../relay/encryption-mode.ts";
import { refuse } from "./refusal.ts";

/** What every service asks of the fields that callers send. Each throws the refusal that names the field. */

const channelIdForm = /^[A-Za-z0-9_-]{22}$/;
const workspaceIdForm = /^wsp_[A-Za-z0-9_-]{22}$/;
const tabIdForm = /^tab_[A-Za-z0-9_-]{22}$/;
const keyIdForm = /^reg_[A-Za-z0-9_-]{22}$/;
const requestIdForm = /^apr_[A-Za-z0-9_-]{22}$/;
const deviceIdForm = /^dev_[A-Za-z0-9_-]{22}$/;
const workerIdForm = /^[A-Za-z0-9_-]{8,64}$/;
const userIdForm = /^usr_[A-Za-z0-9_-]{22}$/;
const loginIdForm = /^lgn_[A-Za-z0-9_-]{22}$/;
const tokenIdForm = /^tok_[A-Za-z0-9_-]{22}$/;
const providerIdForm = /^prv_[A-Za-z0-9_-]{22}$/;
const identityIdForm = /^idn_[A-Za-z0-9_-]{22}$/;
const invitationIdForm = /^inv_[A-Za-z0-9_-]{22}$/;

const macBytes = 64;
/** Grants and revocations. */
const maxSignedBytes = maxGrantBytes;

const workerIcons: readonly string[] = [
  "laptop",
  "desktop",
  "server",
  "cloud",
  "container",
  "chip",
  "home",
  "office",
];

export const isLoginId = (text: string): boolean => loginIdForm.test(text);
export const isKeyId = (text: string): boolean => keyIdForm.test(text);
export const isWorkerId = (text: string): boolean => workerIdForm.test(text);

export function requireChannelId(text: string): string {
  return requireForm(text, channelIdForm, "channel_id must be 16 random bytes in base64url");
}

export function requireWorkspaceId(text: string): string {
  return requireForm(text, workspaceIdForm, "workspace_id is not one of the hub's");
}

export function requireTabId(text: string): string {
  return requireForm(text, tabIdForm, 'tab_id must be "tab_" and 16 random bytes in base64url');
}

export function requireWorkerId(text: string): string {
  return requireForm(text, workerIdForm, "worker_id must be 8 to 64 letters, digits, - or _");
}

/** What people see in a list. */
export function requireTitle(text: string, field: string): string {
  const verdict = checkTitle(text);
  if (verdict.ok) return verdict.title;
  const rule =
    verdict.why === "length"
      ? `must have 1 to ${maxTitleLength} characters`
      : "must not contain control characters";
  throw refuse("invalid_request", `${field} ${rule}`);
}

export function requireMode(encryptionMode: EncryptionMode): Mode {
  const mode = modeOf(encryptionMode);
  if (mode !== null) return mode;
  throw refuse("invalid_request", "encryption_mode must be classic or post-quantum");
}

/** Passwords, codes and names of others: long enough for all that can be right, short enough to look at. */
export function requireShort(text: string, field: string, maxLength = 1024): string {
  if (text.length > maxLength) throw refuse("invalid_request", `${field} is too long`);
  return text;
}

export function requireUserId(text: string): string {
  return requireForm(text, userIdForm, "user_id is not one of the hub's");
}

export function requireLoginId(text: string): string {
  return requireForm(text, loginIdForm, "login_id is not one of the hub's");
}

export function requireTokenId(text: string): string {
  return requireForm(text, tokenIdForm, "token_id is not one of the hub's");
}

export function requireInvitationId(text: string): string {
  return requireForm(text, invitationIdForm, "invitation_id is not one of the hub's");
}

export function requireProviderId(text: string): string {
  return requireForm(text, providerIdForm, "provider_id is not one of the hub's");
}

export function requireIdentityId(text: string): string {
  return requireForm(text, identityIdForm, "identity_id is not one of the hub's");
}

export function requireKeyId(text: string): string {
  return requireForm(text, keyIdForm, "key_id is not one of the hub's");
}

export function requireRequestId(text: string): string {
  return requireForm(text, requestIdForm, "request_id is not one of the hub's");
}

export function requireDeviceId(text: string, field: string): string {
  return requireForm(text, deviceIdForm, `${field} must be "dev_" and 16 bytes in base64url`);
}

/** Ed25519 and ML-DSA-65 (protocol §7). The hub checks no more than the size: it could be lied to anyway. */
export function requireDevicePublicKey(bytes: Uint8Array): Uint8Array {
  return requireLength(bytes, devicePublicKeyBytes, "device_public_key");
}

export function requireMac(bytes: Uint8Array, field: string): Uint8Array {
  return requireLength(bytes, macBytes, field);
}

/** What a device signed: opaque, and small. */
export function requireSigned(bytes: Uint8Array, field: string): Uint8Array {
  if (bytes.length >= 1 && bytes.length <= maxSignedBytes) return bytes;
  throw refuse("invalid_request", `${field} must have 1 to ${maxSignedBytes} bytes`);
}

/** The name of a picture; empty for the usual one. */
export function requireWorkerIcon(text: string): string {
  if (text === "" || workerIcons.includes(text)) return text;
  throw refuse("invalid_request", `icon must be empty or one of ${workerIcons.join(", ")}`);
}

function requireLength(bytes: Uint8Array, length: number, field: string): Uint8Array {
  if (bytes.length === length) return bytes;
  throw refuse("invalid_request", `${field} must have ${length} bytes`);
}

function requireForm(text: string, form: RegExp, message: string): string {
  if (!form.test(text)) throw refuse("invalid_request", message);
  return text;
}
