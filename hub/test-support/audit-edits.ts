import { generateKeyPairSync, sign } from "node:crypto";
import type { AuditEntry } from "../audit/audit-event.ts";
import type { AuditRecord } from "../audit/audit-record.ts";
import { fingerprintOf } from "../audit/audit-signature.ts";
import { entryFields, hashEntry, headToSign, noHash } from "../audit/hash-entry.ts";

/** What somebody with the database or with an export in hand, but without the key, could try with it. */

export type Entry = Extract<AuditRecord, { kind: "entry" }>;
type Signature = Extract<AuditRecord, { kind: "signature" }>;
export const isEntry = (record: AuditRecord): record is Entry => record.kind === "entry";
export const entriesOf = (from: readonly AuditRecord[]) => from.filter(isEntry);
export const signaturesOf = (from: readonly AuditRecord[]) =>
  from.filter((each): each is Signature => !isEntry(each));
export const keysOf = (from: readonly AuditRecord[]) => [
  ...new Set(signaturesOf(from).map(({ signature }) => fingerprintOf(signature.publicKey))),
];

/** Hashes as somebody without the key can make them. */
export function rehash(from: readonly AuditRecord[]): AuditRecord[] {
  let hash = noHash;
  return from.map((record) => {
    if (!isEntry(record)) return record;
    hash = hashEntry(hash, record.entry);
    return { ...record, hash };
  });
}

/** Numbers without a gap, as somebody would who inserts or removes; signatures stay behind their entry. */
function renumber(from: readonly AuditRecord[]): AuditRecord[] {
  let sequence = 0;
  return from.map((record) => {
    if (isEntry(record)) {
      sequence += 1;
      return { ...record, entry: { ...record.entry, sequence } };
    }
    return { ...record, signature: { ...record.signature, sequence } };
  });
}

/** With a key of one's own in all signatures from `sequence` on. */
function resign(from: readonly AuditRecord[], sequence: number): AuditRecord[] {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  let hash = noHash;
  return from.map((record) => {
    if (isEntry(record)) hash = record.hash;
    if (isEntry(record) || record.signature.sequence < sequence) return record;
    const signature = new Uint8Array(
      sign(null, headToSign(record.signature.sequence, hash), privateKey),
    );
    const own = new Uint8Array(Buffer.from(x, "base64url"));
    return { ...record, signature: { ...record.signature, publicKey: own, signature } };
  });
}

function change(entry: AuditEntry, field: (typeof entryFields)[number]): AuditEntry {
  if (field === "sequence" || field === "atMs") return { ...entry, [field]: entry[field] + 1 };
  if (field === "detail") return { ...entry, detail: '{"n":0}' };
  return { ...entry, [field]: `${entry[field]}x` };
}

const replaceEntry = (
  records: readonly AuditRecord[],
  at: number,
  by: (record: Entry) => AuditRecord,
) => records.map((each) => (isEntry(each) && each.entry.sequence === at ? by(each) : each));

export interface Edit {
  readonly name: string;
  /** What is left, and the first entry that is not as it was written. */
  readonly make: (
    records: readonly AuditRecord[],
    at: number,
  ) => { readonly edited: AuditRecord[]; readonly first: number };
}

export const edits: readonly Edit[] = [
  ...entryFields.map((field) => ({
    name: `alter ${field}`,
    make: (records: readonly AuditRecord[], at: number) => ({
      edited: replaceEntry(records, at, (each) => ({ ...each, entry: change(each.entry, field) })),
      first: at,
    }),
  })),
  ...entryFields.map((field) => ({
    name: `alter ${field} and hash everything behind it again`,
    make: (records: readonly AuditRecord[], at: number) => ({
      edited: rehash(
        replaceEntry(records, at, (each) => ({ ...each, entry: change(each.entry, field) })),
      ),
      first: at,
    }),
  })),
  {
    name: "alter the hash",
    make: (records, at) => ({
      edited: replaceEntry(records, at, (each) => ({
        ...each,
        hash: new Uint8Array(32).fill(7),
      })),
      first: at,
    }),
  },
  {
    name: "remove",
    make: (records, at) => ({
      edited: records.filter((each) => !isEntry(each) || each.entry.sequence !== at),
      first: at,
    }),
  },
  {
    name: "remove, number and hash again",
    make: (records, at) => ({
      edited: rehash(
        renumber(records.filter((each) => !isEntry(each) || each.entry.sequence !== at)),
      ),
      first: at,
    }),
  },
  {
    name: "insert",
    make: (records, at) => ({
      edited: records.flatMap((each) =>
        isEntry(each) && each.entry.sequence === at
          ? [{ ...each, entry: { ...each.entry, actorId: "usr_made_up" } }, each]
          : [each],
      ),
      first: at,
    }),
  },
  {
    name: "insert, number and hash again",
    make: (records, at) => ({
      edited: rehash(
        renumber(
          records.flatMap((each) =>
            isEntry(each) && each.entry.sequence === at
              ? [{ ...each, entry: { ...each.entry, actorId: "usr_made_up" } }, each]
              : [each],
          ),
        ),
      ),
      first: at,
    }),
  },
  {
    name: "duplicate",
    make: (records, at) => ({
      edited: records.flatMap((each) =>
        isEntry(each) && each.entry.sequence === at ? [each, each] : [each],
      ),
      first: at + 1,
    }),
  },
  {
    name: "swap two neighbours",
    make: (records, at) => {
      const one = Math.min(at, entriesOf(records).length - 1);
      const byNumber = new Map(entriesOf(records).map((each) => [each.entry.sequence, each]));
      return {
        edited: records.map((each) => {
          if (!isEntry(each)) return each;
          if (each.entry.sequence === one) return byNumber.get(one + 1)!;
          return each.entry.sequence === one + 1 ? byNumber.get(one)! : each;
        }),
        first: one,
      };
    },
  },
  {
    name: "alter, hash again and sign with another key",
    make: (records, at) => ({
      edited: resign(
        rehash(
          replaceEntry(records, at, (each) => ({ ...each, entry: change(each.entry, "actorId") })),
        ),
        at,
      ),
      first: at,
    }),
  },
  {
    name: "alter, hash again and take the signatures behind it away",
    make: (records, at) => ({
      edited: rehash(
        replaceEntry(records, at, (each) => ({ ...each, entry: change(each.entry, "actorId") })),
      ).filter((each) => isEntry(each) || each.signature.sequence < at),
      first: at,
    }),
  },
  {
    name: "begin later",
    make: (records, at) => ({
      edited: rehash(
        renumber(records.filter((each) => !isEntry(each) || each.entry.sequence >= at)),
      ),
      first: 1,
    }),
  },
];
