import { createHmac, timingSafeEqual } from "node:crypto";
import type { Random } from "@leapmux/shared/platform/platform.ts";

/**
 * One-time codes by time (RFC 6238): SHA-1, 30 s, six digits, as authenticator apps know them. A code of the
 * step before or after counts too, for clocks that differ; each step counts once, which the caller keeps
 * durably as `lastStep`.
 */
export type TotpCheck = { readonly ok: true; readonly step: number } | { readonly ok: false };

const stepMs = 30_000;
const digits = 6;
/** RFC 4226 §4 R6. */
const secretBytes = 20;

export const makeTotpSecret = (random: Random): Uint8Array => random(secretBytes);

/** `nowMs` is the time of day. In constant time, whichever step a code belongs to. */
export function checkTotpCode(
  secret: Uint8Array,
  code: string,
  { nowMs, lastStep }: { readonly nowMs: number; readonly lastStep: number },
): TotpCheck {
  // Apps show it in two groups.
  const given = Buffer.from(code.length > 16 ? "" : code.replace(/\s/g, ""));
  if (given.length !== digits) return { ok: false };
  const nowStep = Math.floor(nowMs / stepMs);
  let found: number | null = null;
  for (const step of [nowStep - 1, nowStep, nowStep + 1]) {
    const isRight = timingSafeEqual(Buffer.from(makeTotpCode(secret, step)), given);
    if (isRight && step > lastStep) found ??= step;
  }
  return found === null ? { ok: false } : { ok: true, step: found };
}

/** HOTP (RFC 4226 §5.3) of the step. */
function makeTotpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.max(step, 0)));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const truncated = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}

/** What a QR code holds, in the form that Google Authenticator coined. */
export function totpUri(secret: Uint8Array, issuer: string, account: string): string {
  const label = [issuer, account].map((part) => encodeURIComponent(part)).join(":");
  const fields = [
    `secret=${toBase32(secret)}`,
    `issuer=${encodeURIComponent(issuer)}`,
    "algorithm=SHA1",
    `digits=${digits}`,
    `period=${stepMs / 1_000}`,
  ];
  return `otpauth://totp/${label}?${fields.join("&")}`;
}

const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 §6, without padding. */
export function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => base32Alphabet[parseInt(group.padEnd(5, "0"), 2)]).join("");
}
