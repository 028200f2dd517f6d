import { createHash } from "node:crypto";
import type { AuditEntry } from "./audit-event.ts";

/**
 * The hash that an entry carries and the text that is signed, byte for byte (docs/audit.md):
 *
 *   hash = SHA-256("leapmux-audit-entry-v1" || hash of the entry before (32) || field || field …)
 *   field = length in bytes (u32, big endian) || UTF-8
 *   head = "leapmux-audit-head-v1" || sequence (u64, big endian) || hash (32)
 *
 * The fields are all of an entry in the order below, numbers in decimal. Before the first entry stand 32
 * zero bytes.
 */
export const noHash: Uint8Array = new Uint8Array(32);

export const entryFields = [
  "sequence",
  "atMs",
  "actorKind",
  "actorId",
  "actorVia",
  "address",
  "action",
  "targetKind",
  "targetId",
  "result",
  "detail",
] as const satisfies readonly (keyof AuditEntry)[];

export function hashEntry(previousHash: Uint8Array, entry: AuditEntry): Uint8Array {
  const hash = createHash("sha256").update("leapmux-audit-entry-v1").update(previousHash);
  for (const name of entryFields) {
    const bytes = Buffer.from(String(entry[name]), "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return new Uint8Array(hash.digest());
}

export function headToSign(sequence: number, hash: Uint8Array): Uint8Array {
  const place = Buffer.alloc(8);
  place.writeBigUInt64BE(BigInt(sequence));
  return Buffer.concat([Buffer.from("leapmux-audit-head-v1"), place, hash]);
}
