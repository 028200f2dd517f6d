import { createHash } from "node:crypto";
import type { EvidenceRow } from "../store/tables.ts";

/**
 * SHA-256("leapmux-worker-evidence-v1" || hash of the entry before (32) || field …), each field as its length
 * in bytes (u32, big endian) and UTF-8, numbers in decimal. Before the first entry stand 32 zero bytes.
 */
const fields = [
  "sequence",
  "at_ms",
  "action",
  "user_id",
  "device_id",
  "subject",
  "reason",
  "count",
] as const satisfies readonly (keyof EvidenceRow)[];

export function hashEvidence(previous: Uint8Array, row: Omit<EvidenceRow, "hash">): Uint8Array {
  const hash = createHash("sha256").update("leapmux-worker-evidence-v1").update(previous);
  for (const name of fields) {
    const bytes = Buffer.from(String(row[name]), "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return new Uint8Array(hash.digest());
}
