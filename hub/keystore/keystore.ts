import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { keyBytes, type KeyRing } from "./key-ring.ts";

/**
 * Seals single columns of the database, so that the file alone gives nothing away.
 *
 *   format (1) || key version (u32, big endian) || nonce (24) || XChaCha20-Poly1305 ciphertext and tag
 *
 * What stands before the ciphertext and the place of the column are associated data: moved to another row,
 * column or table, or re-labelled, it does not open. This is the hub's only cipher, and its keys come from
 * nowhere but the key ring: docs/adr/0012.
 */
export interface Keystore {
  seal(place: SealedPlace, plaintext: Uint8Array): Uint8Array;
  open(place: SealedPlace, sealed: Uint8Array): Opened;
  /** Of the key that seals at this moment. */
  activeVersion(): number;
  /** How everything that is sealed at this moment begins: format and version. */
  head(): Uint8Array;
}

export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  /** The primary key of the row. */
  readonly row: string;
}

export type Opened =
  | { readonly ok: true; readonly plaintext: Uint8Array }
  /** `refused`: altered, moved, or sealed with another key of that version. */
  | { readonly ok: false; readonly reason: "unknown_format" | "unknown_key" | "refused" };

const format = 1;
const headBytes = 5;
const nonceBytes = 24;
const tagBytes = 16;

export function makeKeystore(ring: KeyRing, random: Random): Keystore {
  return {
    seal(place, plaintext) {
      const key = ring.keys.get(ring.activeVersion);
      if (key?.length !== keyBytes) throw new Error("the active key is not in the ring");
      const head = headOf(ring.activeVersion);
      const nonce = random(nonceBytes);
      const cipher = xchacha20poly1305(key, nonce, associatedData(head, place));
      return new Uint8Array(Buffer.concat([head, nonce, cipher.encrypt(plaintext)]));
    },

    open(place, sealed) {
      if (sealed[0] !== format) return { ok: false, reason: "unknown_format" };
      if (sealed.length < headBytes + nonceBytes + tagBytes)
        return { ok: false, reason: "refused" };
      const bytes = Buffer.from(sealed);
      const head = bytes.subarray(0, headBytes);
      const key = ring.keys.get(head.readUInt32BE(1));
      if (key === undefined) return { ok: false, reason: "unknown_key" };
      const nonce = bytes.subarray(headBytes, headBytes + nonceBytes);
      const cipher = xchacha20poly1305(key, nonce, associatedData(head, place));
      try {
        const plaintext = cipher.decrypt(bytes.subarray(headBytes + nonceBytes));
        return { ok: true, plaintext };
      } catch {
        return { ok: false, reason: "refused" };
      }
    },

    activeVersion: () => ring.activeVersion,
    head: () => new Uint8Array(headOf(ring.activeVersion)),
  };
}

function headOf(version: number): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(format, 0);
  head.writeUInt32BE(version, 1);
  return head;
}

/** Lengths go before the names, so that no two places read the same. */
function associatedData(head: Uint8Array, { table, column, row }: SealedPlace): Uint8Array {
  const parts = [table, column, row].flatMap((name) => {
    const bytes = Buffer.from(name, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat([Buffer.from("leapmux-at-rest-v1"), head, ...parts]);
}
