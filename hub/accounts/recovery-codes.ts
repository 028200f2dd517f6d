import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";

/**
 * Ten codes for whoever lost the second factor, each good once: `XXXX-XXXX-XX`, 50 bits. Letters and digits
 * are Crockford's, so that a misread O, I or L means what was shown. Only keyed hashes are stored.
 */
const codeCount = 10;
const codeLength = 10;
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function makeRecoveryCodes(random: Random): string[] {
  return Array.from({ length: codeCount }, () => {
    const letters = Array.from(random(codeLength), (byte) => alphabet[byte & 31]).join("");
    return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
  });
}

/** Null for what is no code. Bound to its user and told apart from whatever else is hashed with the key. */
export function hashRecoveryCode(
  keyedHash: Pick<KeyedHash, "hash">,
  userId: string,
  code: string,
): string | null {
  const secret = recoveryCodeSecret(userId, code);
  return secret === null ? null : keyedHash.hash(secret);
}

/** What is hashed. Null for what is no code. */
export function recoveryCodeSecret(userId: string, code: string): string | null {
  if (code.length > 64) return null;
  const letters = code
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  const isCode =
    letters.length === codeLength && [...letters].every((each) => alphabet.includes(each));
  return isCode ? `recovery-code\0${userId}\0${letters}` : null;
}
