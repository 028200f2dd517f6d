import type { AuditReader } from "./audit-reader.ts";
import { exportFormat, readRecord } from "./audit-record.ts";
import {
  makeChainCheck,
  type AuditReceipt,
  type ChainDemands,
  type ChainVerdict,
} from "./check-chain.ts";

type Asked = Omit<ChainDemands, "signedBeforeMs">;

/** A hub that runs signs within seconds. */
const unsignedMs = 60_000;

/** The chain in the database. The last moments of a hub that runs are not signed yet. */
export async function verifyStore(
  reader: AuditReader,
  asked: Asked,
  nowMs: number,
): Promise<ChainVerdict> {
  const head = await reader.head();
  const check = makeChainCheck({ ...asked, signedBeforeMs: nowMs - unsignedMs });
  for await (const record of reader.records()) {
    if (!check.take(record)) break;
  }
  const verdict = check.finish();
  if (!verdict.ok) return verdict;
  const { entries, signedSequence } = verdict;
  if (entries < head.sequence) {
    return { ok: false, problem: "missing", sequence: entries + 1, through: head.sequence };
  }
  if (signedSequence >= head.signedSequence) return verdict;
  return { ok: false, problem: "unsigned", sequence: signedSequence + 1, through: entries };
}

/** An export by itself: no hub and no database are asked. Lines come as they are read. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  asked: Asked,
): Promise<ChainVerdict> {
  const check = makeChainCheck({ ...asked, signedBeforeMs: Infinity });
  let line = 0;
  let entries = 0;
  for await (const text of lines) {
    line += 1;
    if (line === 1) {
      if (text !== exportFormat) return unreadable(1);
      continue;
    }
    const record = readRecord(text);
    // All before was right so far.
    if (record === null) return unreadable(entries + 1);
    if (record.kind === "entry") entries += 1;
    if (!check.take(record)) break;
  }
  return check.finish();
}

function unreadable(sequence: number): ChainVerdict {
  return { ok: false, problem: "unreadable", sequence, through: sequence };
}

const receiptFormat = "leapmux-audit-head-v1";

/** One line to keep where nobody who runs the hub can change it. */
export function writeReceipt({ sequence, hash, publicKey, signature }: AuditReceipt): string {
  return JSON.stringify({
    format: receiptFormat,
    sequence,
    hash: Buffer.from(hash).toString("hex"),
    key: Buffer.from(publicKey).toString("base64url"),
    signature: Buffer.from(signature).toString("base64url"),
  });
}

/** Null: no receipt. */
export function readReceipt(text: string): AuditReceipt | null {
  const line = text.trim();
  const [, sequence = "", hash = "", key = "", signature = ""] =
    /^\{"format":"leapmux-audit-head-v1","sequence":(\d{1,15}),"hash":"([0-9a-f]{64})","key":"([\w-]{43})","signature":"([\w-]{86})"\}$/.exec(
      line,
    ) ?? [];
  if (sequence === "") return null;
  return {
    sequence: Number(sequence),
    hash: new Uint8Array(Buffer.from(hash, "hex")),
    publicKey: new Uint8Array(Buffer.from(key, "base64url")),
    signature: new Uint8Array(Buffer.from(signature, "base64url")),
  };
}
