import type { Store } from "../store/open-store.ts";
import type { AuditEntryRow } from "../store/schema.ts";
import type { AuditEntry } from "./audit-event.ts";
import type { AuditRecord } from "./audit-record.ts";
import type { AuditReceipt } from "./check-chain.ts";

/** Reads the chain: in pages for people, from its beginning for whoever checks or exports it. */
export interface AuditReader {
  /** The newest first. */
  list(filter: AuditFilter, beforeSequence: number, limit: number): Promise<AuditEntry[]>;
  /** From the first entry to the one with that number, or to the one that is the last when it begins. */
  records(through?: number): AsyncGenerator<AuditRecord>;
  /** The last signed head; undefined where there is none. */
  receipt(): Promise<AuditReceipt | undefined>;
  /** Where the chain stands by the word of the row that whoever appends locks. */
  head(): Promise<{ readonly sequence: number; readonly signedSequence: number }>;
}

/** Empty: any. */
export interface AuditFilter {
  readonly actorId: string;
  readonly action: string;
  readonly targetId: string;
}

const pageSize = 500;

export function makeAuditReader(store: Store): AuditReader {
  const head = () =>
    store
      .selectFrom("audit_head")
      .select(["sequence", "signed_sequence as signedSequence"])
      .where("place", "=", 1)
      .executeTakeFirstOrThrow();

  return {
    head,

    async list({ actorId, action, targetId }, beforeSequence, limit) {
      let query = store.selectFrom("audit_entries").selectAll();
      if (actorId !== "") query = query.where("actor_id", "=", actorId);
      if (action !== "") query = query.where("action", "=", action);
      if (targetId !== "") query = query.where("target_id", "=", targetId);
      const rows = await query
        .where("sequence", "<", beforeSequence)
        .orderBy("sequence", "desc")
        .limit(limit)
        .execute();
      return rows.map(entryOfRow);
    },

    async *records(asked) {
      const last = asked ?? Math.max((await head()).sequence, await lastSequence(store));
      for (let after = Number.MIN_SAFE_INTEGER; after < last;) {
        const rows = await store
          .selectFrom("audit_entries")
          .selectAll()
          .where("sequence", ">", after)
          .where("sequence", "<=", last)
          .orderBy("sequence")
          .limit(pageSize)
          .execute();
        const through = rows.length < pageSize ? last : (rows.at(-1)?.sequence ?? last);
        const signatures = await store
          .selectFrom("audit_signatures")
          .selectAll()
          .where("sequence", ">", after)
          .where("sequence", "<=", through)
          .orderBy("sequence")
          .execute();
        yield* merge(rows, signatures);
        after = through;
        // A long chain must not keep the relay waiting.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },

    async receipt() {
      const row = await store
        .selectFrom("audit_signatures as signed")
        .innerJoin("audit_entries as entry", "entry.sequence", "signed.sequence")
        .select(["signed.sequence", "signed.public_key", "signed.signature", "entry.hash"])
        .orderBy("signed.sequence", "desc")
        .limit(1)
        .executeTakeFirst();
      return (
        row && {
          sequence: row.sequence,
          hash: row.hash,
          publicKey: row.public_key,
          signature: row.signature,
        }
      );
    },
  };
}

async function lastSequence(store: Store): Promise<number> {
  const row = await store
    .selectFrom("audit_entries")
    .select("sequence")
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? 0;
}

function* merge(
  rows: readonly AuditEntryRow[],
  signatures: readonly {
    readonly sequence: number;
    readonly public_key: Uint8Array;
    readonly signature: Uint8Array;
  }[],
): Generator<AuditRecord> {
  const waiting = [...signatures];
  for (const row of rows) {
    while (waiting[0] !== undefined && waiting[0].sequence < row.sequence) {
      yield recordOf(waiting.shift()!);
    }
    yield { kind: "entry", entry: entryOfRow(row), hash: row.hash };
    if (waiting[0]?.sequence === row.sequence) yield recordOf(waiting.shift()!);
  }
  for (const each of waiting) yield recordOf(each);
}

function recordOf(row: {
  readonly sequence: number;
  readonly public_key: Uint8Array;
  readonly signature: Uint8Array;
}): AuditRecord {
  const { sequence, public_key: publicKey, signature } = row;
  return { kind: "signature", signature: { sequence, publicKey, signature } };
}

function entryOfRow(row: AuditEntryRow): AuditEntry {
  return {
    sequence: row.sequence,
    atMs: row.at_ms,
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    actorVia: row.actor_via,
    address: row.address,
    action: row.action,
    targetKind: row.target_kind,
    targetId: row.target_id,
    result: row.result,
    detail: row.detail,
  };
}
