import type { Random } from "@leapmux/shared/platform/platform.ts";

/** Ids and secrets of accounts and workers: random, and with a prefix that tells people and secret scanners what they are. */
export type AccountIdPrefix = "usr_" | "lgn_" | "inv_" | "tok_" | "prv_" | "idn_";

/**
 * `lml_` a login, `lmi_` a one-time link, `lmd_` a command line that waits for its login, `lmw_` a worker,
 * `lmk_` a registration key, `lms_` a browser that signs in with a provider.
 */
export type SecretPrefix = "lml_" | "lmi_" | "lmd_" | "lmw_" | "lmk_" | "lms_";

/** 128 random bits. */
export function makeAccountId(random: Random, prefix: AccountIdPrefix): string {
  return prefix + Buffer.from(random(16)).toString("base64url");
}

/** 256 random bits. */
export function makeSecret(random: Random, prefix: SecretPrefix): string {
  return prefix + Buffer.from(random(32)).toString("base64url");
}

/** Before anything is hashed or looked up. */
export function isSecret(text: string, prefix: SecretPrefix): boolean {
  return text.startsWith(prefix) && /^[\w-]{43}$/.test(text.slice(prefix.length));
}
