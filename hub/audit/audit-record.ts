import { writeDetail, type AuditDetail, type AuditEntry } from "./audit-event.ts";
import type { AuditSignature } from "./audit-signature.ts";

/**
 * The lines of an export, one JSON object each (docs/audit.md): a first one that names the format, then each
 * entry with its hash, and behind an entry the signature that was made there. Each record has one way to be
 * written, and a line that is written in another way is none: no reader can see something else in it.
 */
export type AuditRecord =
  | { readonly kind: "entry"; readonly entry: AuditEntry; readonly hash: Uint8Array }
  | { readonly kind: "signature"; readonly signature: AuditSignature };

export const exportFormat = JSON.stringify({ format: "leapmux-audit-v1" });

const maxLineLength = 8_192;

export function writeRecord(record: AuditRecord): string {
  if (record.kind === "signature") {
    const { sequence, publicKey, signature } = record.signature;
    return JSON.stringify({
      signed: sequence,
      key: Buffer.from(publicKey).toString("base64url"),
      signature: Buffer.from(signature).toString("base64url"),
    });
  }
  const { entry, hash } = record;
  return JSON.stringify({
    sequence: entry.sequence,
    atMs: entry.atMs,
    actor: { kind: entry.actorKind, id: entry.actorId, via: entry.actorVia },
    address: entry.address,
    action: entry.action,
    target: { kind: entry.targetKind, id: entry.targetId },
    result: entry.result,
    detail: readDetail(entry.detail) ?? { unreadable: 1 },
    hash: Buffer.from(hash).toString("hex"),
  });
}

/** Null: no record. Never throws, whatever the line is. */
export function readRecord(line: string): AuditRecord | null {
  if (line.length > maxLineLength) return null;
  const fields = readObject(line);
  if (fields === null) return null;
  const record = "signed" in fields ? signatureOf(fields) : entryOfFields(fields);
  return record !== null && writeRecord(record) === line ? record : null;
}

export function readDetail(text: string): AuditDetail | null {
  const fields = readObject(text);
  if (fields === null) return null;
  const detail: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== "string" && typeof value !== "number") return null;
    detail[name] = value;
  }
  return detail;
}

type Fields = Readonly<Record<string, unknown>>;

function signatureOf(fields: Fields): AuditRecord | null {
  const { signed: sequence, key, signature } = fields;
  if (typeof sequence !== "number" || typeof key !== "string" || typeof signature !== "string") {
    return null;
  }
  return {
    kind: "signature",
    signature: {
      sequence,
      publicKey: new Uint8Array(Buffer.from(key, "base64url")),
      signature: new Uint8Array(Buffer.from(signature, "base64url")),
    },
  };
}

function entryOfFields(fields: Fields): AuditRecord | null {
  const { sequence, atMs, address, action, result, hash } = fields;
  const actor = objectOf(fields["actor"]);
  const target = objectOf(fields["target"]);
  const detail = objectOf(fields["detail"]);
  if (!Number.isSafeInteger(sequence) || !Number.isSafeInteger(atMs)) return null;
  const texts = [
    ...[actor?.["kind"], actor?.["id"], actor?.["via"], target?.["kind"], target?.["id"]],
    ...[address, action, result, hash],
  ];
  if (detail === null || texts.some((text) => typeof text !== "string")) return null;
  const [actorKind, actorId, actorVia, targetKind, targetId] = texts as string[];
  return {
    kind: "entry",
    entry: {
      sequence: sequence as number,
      atMs: atMs as number,
      actorKind: actorKind ?? "",
      actorId: actorId ?? "",
      actorVia: actorVia ?? "",
      address: address as string,
      action: action as string,
      targetKind: targetKind ?? "",
      targetId: targetId ?? "",
      result: result as string,
      detail: writeDetail(detail as AuditDetail),
    },
    hash: new Uint8Array(Buffer.from(hash as string, "hex")),
  };
}

function readObject(text: string): Fields | null {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}
