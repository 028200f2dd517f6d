import { readDetail, type AuditRecord } from "./audit-record.ts";
import { fingerprintOf, isSignedBy, type AuditSignature } from "./audit-signature.ts";
import { hashEntry, noHash } from "./hash-entry.ts";

/**
 * Judges a chain record by record, from the database or from an export alike, and keeps the first thing that
 * is wrong with it. What it can tell and what nobody can: docs/audit.md.
 */
export interface ChainCheck {
  /** False: something is wrong, and the rest tells nothing more. */
  take(record: AuditRecord): boolean;
  finish(): ChainVerdict;
}

export type ChainVerdict =
  | {
      readonly ok: true;
      readonly entries: number;
      /** The last entry that a signature covers. */
      readonly signedSequence: number;
      /** Fingerprints, in the order in which they signed. */
      readonly keys: readonly string[];
    }
  | {
      readonly ok: false;
      readonly problem: ChainProblem;
      /** The first entry that is not what was written, or whose place is empty. */
      readonly sequence: number;
      /** Where only a signature shows it, it is somewhere from `sequence` to here. */
      readonly through: number;
    };

export type ChainProblem =
  /** The entry does not have the hash that stands beside it: it, or what was before it, is not what was written. */
  | "altered"
  | "missing"
  /** There is an entry with this number already. */
  | "inserted"
  | "bad_signature"
  /** A signature that must be there is not. */
  | "unsigned"
  /** It does not begin with the entry that names its first key. */
  | "no_beginning"
  /** The key that was asked for has signed nothing here. */
  | "other_key"
  /** Not the chain that the receipt was made of. */
  | "not_the_receipt"
  /** The receipt is not signed by a key of this chain. */
  | "bad_receipt"
  | "unreadable";

/** A signed head that somebody kept elsewhere. */
export interface AuditReceipt extends AuditSignature {
  readonly hash: Uint8Array;
}

export interface ChainDemands {
  readonly signEveryEntries: number;
  /** What is older must be signed. An export is signed when it is made: there it is everything. */
  readonly signedBeforeMs: number;
  /** A fingerprint. Entries count once this key, or one that it handed over to, has signed them. */
  readonly key?: string | undefined;
  readonly receipt?: AuditReceipt | undefined;
}

export function makeChainCheck(demands: ChainDemands): ChainCheck {
  const { signEveryEntries, signedBeforeMs, key, receipt } = demands;
  let problem: Extract<ChainVerdict, { ok: false }> | null = null;
  let sequence = 0;
  let hash: Uint8Array = noHash;
  let signedSequence = 0;
  let unsignedAtMs = Infinity;
  let publicKey: Uint8Array | null = null;
  /** Named by the last entry; signs once the former key has signed that. */
  let successor: Uint8Array | null = null;
  let isTrusted = false;
  let isSignedByTrusted = false;
  let receiptHash: Uint8Array | null = null;
  const keys: Uint8Array[] = [];

  function fail(what: ChainProblem, at: number, through = at): boolean {
    problem ??= { ok: false, problem: what, sequence: at, through };
    return false;
  }

  function takeEntry({ entry, hash: told }: Extract<AuditRecord, { kind: "entry" }>): boolean {
    const expected = sequence + 1;
    if (entry.sequence > expected) return fail("missing", expected);
    if (entry.sequence < expected) return fail("inserted", expected);
    const computed = hashEntry(hash, entry);
    if (!isSame(computed, told)) return fail("altered", expected);
    // A rotation that the former key did not sign hands nothing over.
    const isOverdue = successor !== null || sequence - signedSequence >= signEveryEntries;
    if (isOverdue) return fail("unsigned", signedSequence + 1, expected);
    if (expected === 1 && entry.action !== "audit.key_made") return fail("no_beginning", 1);
    sequence = expected;
    hash = computed;
    if (unsignedAtMs === Infinity) unsignedAtMs = entry.atMs;
    if (receipt?.sequence === sequence) receiptHash = hash;
    if (entry.action === "audit.key_rotated" || sequence === 1) {
      const named = readDetail(entry.detail)?.["publicKey"];
      if (typeof named !== "string") return fail("altered", sequence);
      const bytes = new Uint8Array(Buffer.from(named, "base64url"));
      if (sequence === 1) useKey(bytes);
      else successor = bytes;
    }
    return true;
  }

  function useKey(bytes: Uint8Array): void {
    publicKey = bytes;
    keys.push(bytes);
    isTrusted ||= key === undefined || key === fingerprintOf(bytes);
  }

  function takeSignature(given: AuditSignature): boolean {
    if (given.sequence > sequence) return fail("missing", sequence + 1);
    if (given.sequence < sequence || signedSequence === sequence || publicKey === null) {
      return fail("bad_signature", signedSequence + 1, Math.max(sequence, signedSequence + 1));
    }
    if (!isSame(given.publicKey, publicKey) || !isSignedBy(given, hash)) {
      return fail("bad_signature", signedSequence + 1, sequence);
    }
    signedSequence = sequence;
    unsignedAtMs = Infinity;
    isSignedByTrusted ||= isTrusted;
    if (successor !== null) {
      useKey(successor);
      successor = null;
    }
    return true;
  }

  function checkReceipt(): void {
    if (receipt === undefined) return;
    const isKnown = keys.some((each) => isSame(each, receipt.publicKey));
    if (!isKnown || !isSignedBy(receipt, receipt.hash)) fail("bad_receipt", receipt.sequence);
    else if (receiptHash === null) fail("missing", sequence + 1, receipt.sequence);
    else if (!isSame(receiptHash, receipt.hash)) fail("not_the_receipt", 1, receipt.sequence);
  }

  return {
    take(record) {
      if (problem !== null) return false;
      return record.kind === "entry" ? takeEntry(record) : takeSignature(record.signature);
    },

    finish() {
      if (problem === null && sequence === 0) fail("no_beginning", 1);
      if (problem === null && successor !== null) fail("unsigned", signedSequence + 1, sequence);
      if (problem === null && unsignedAtMs < signedBeforeMs)
        fail("unsigned", signedSequence + 1, sequence);
      if (problem === null && !isSignedByTrusted) fail("other_key", 1, sequence);
      if (problem === null) checkReceipt();
      return (
        problem ?? { ok: true, entries: sequence, signedSequence, keys: keys.map(fingerprintOf) }
      );
    },
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
