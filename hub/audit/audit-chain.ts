import { flushCommits } from "../store/flush-commits.ts";
import type { Store } from "../store/open-store.ts";
import type { AuditEntryRow, AuditHeadRow } from "../store/schema.ts";
import {
  entryOf,
  systemActor,
  type AuditActor,
  type AuditEntry,
  type AuditEvent,
  type ChainEvent,
} from "./audit-event.ts";
import type { AuditKey, AuditKeyFiles } from "./audit-key.ts";
import { fingerprintOf } from "./audit-signature.ts";
import { hashEntry } from "./hash-entry.ts";

/**
 * Writes the chain. Whoever appends first changes the row of the head, which keeps every other process out
 * until the transaction ends: a running hub and a command beside it make one chain. Never more than
 * `signEveryEntries` entries stand behind the last signature; what keeps that is the appending itself.
 */
export interface AuditChain {
  /** The sequence of the last one. */
  append(events: readonly AuditEvent[]): Promise<number>;
  /** The same as part of a transaction, which must not have read anything before it wrote. */
  appendIn(db: Store, events: readonly AuditEvent[]): Promise<number>;
  /** What is not signed yet. */
  sign(): Promise<void>;
  /** An entry that the old key signs and that names the new one, which signs from then on. */
  rotateKey(
    actor: AuditActor,
  ): Promise<{ readonly sequence: number; readonly publicKey: Uint8Array }>;
}

export async function openAuditChain(options: {
  readonly store: Store;
  readonly keys: AuditKeyFiles;
  readonly wallMs: () => number;
  readonly signEveryEntries: number;
}): Promise<AuditChain> {
  const { store, keys, wallMs, signEveryEntries } = options;
  let known: AuditKey | null = null;

  /** Another process may have rotated it. */
  function keyOf(head: AuditHeadRow): AuditKey {
    if (known === null || Buffer.compare(known.publicKey, head.public_key) !== 0) {
      known = keys.find(head.public_key);
    }
    return known;
  }

  async function addSignature(db: Store, head: AuditHeadRow): Promise<AuditHeadRow> {
    const key = keyOf(head);
    await db
      .insertInto("audit_signatures")
      .values({
        sequence: head.sequence,
        public_key: key.publicKey,
        signature: key.sign(head.sequence, head.hash),
      })
      .execute();
    return { ...head, signed_sequence: head.sequence };
  }

  async function add(db: Store, head: AuditHeadRow, event: ChainEvent): Promise<AuditHeadRow> {
    const entry = entryOf(event, head.sequence + 1, wallMs());
    const hash = hashEntry(head.hash, entry);
    await db.insertInto("audit_entries").values(rowOf(entry, hash)).execute();
    const next = { ...head, sequence: entry.sequence, hash };
    const isDue = next.sequence - next.signed_sequence >= signEveryEntries;
    return isDue ? await addSignature(db, next) : next;
  }

  async function appendIn(db: Store, events: readonly AuditEvent[]): Promise<number> {
    let head = await lockHead(db);
    for (const event of events) head = await add(db, head, event);
    await storeHead(db, head);
    return head.sequence;
  }

  /** The entry that names a key is signed at once: the first by that key itself, each later by the one before. */
  async function nameKey(
    db: Store,
    head: AuditHeadRow,
    actor: AuditActor,
    key: AuditKey,
  ): Promise<AuditHeadRow> {
    const isFirst = head.public_key.length === 0;
    const named = await add(db, isFirst ? { ...head, public_key: key.publicKey } : head, {
      actor,
      address: "",
      action: isFirst ? "audit.key_made" : "audit.key_rotated",
      target: { kind: "audit", id: fingerprintOf(key.publicKey) },
      result: "done",
      detail: { publicKey: Buffer.from(key.publicKey).toString("base64url") },
    });
    const isSigned = named.signed_sequence === named.sequence;
    const signed = isSigned ? named : await addSignature(db, named);
    return { ...signed, public_key: key.publicKey };
  }

  /**
   * With the key that the chain names in place, which removes the former one: so only a key that a power cut
   * cannot take out of the chain again.
   */
  async function withKeyInPlace<T>(run: (db: Store, head: AuditHeadRow) => Promise<T>): Promise<T> {
    let flushed: Uint8Array | null = null;
    for (;;) {
      const done = await store.transaction().execute(async (db) => {
        const head = await lockHead(db);
        const named = head.public_key;
        const isFlushed = flushed !== null && Buffer.compare(flushed, named) === 0;
        if (keys.isPrepared(named) && !isFlushed) return { unflushed: named };
        keys.settle(named);
        return { answer: await run(db, head) };
      });
      if (done.unflushed === undefined) return done.answer;
      await flushCommits(store);
      flushed = done.unflushed;
    }
  }

  await withKeyInPlace(async (db, head) => {
    if (head.public_key.length > 0) keyOf(head);
    else await storeHead(db, await nameKey(db, head, systemActor, keys.make()));
  });

  return {
    append: (events) => store.transaction().execute((db) => appendIn(db, events)),
    appendIn,

    sign: () =>
      store.transaction().execute(async (db) => {
        const head = await lockHead(db);
        if (head.signed_sequence < head.sequence) await storeHead(db, await addSignature(db, head));
      }),

    async rotateKey(actor) {
      const rotated = await withKeyInPlace(async (db, head) => {
        keyOf(head);
        const named = await nameKey(db, head, actor, keys.prepareNext());
        await storeHead(db, named);
        return { sequence: named.sequence, publicKey: named.public_key };
      });
      await withKeyInPlace(() => Promise.resolve());
      return rotated;
    },
  };
}

/** A change that changes nothing, so that nobody else can write until the transaction ends. */
async function lockHead(db: Store): Promise<AuditHeadRow> {
  return await db
    .updateTable("audit_head")
    .set({ place: 1 })
    .where("place", "=", 1)
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function storeHead(db: Store, head: AuditHeadRow): Promise<void> {
  await db.updateTable("audit_head").set(head).where("place", "=", 1).execute();
}

function rowOf(entry: AuditEntry, hash: Uint8Array): AuditEntryRow {
  return {
    sequence: entry.sequence,
    at_ms: entry.atMs,
    actor_kind: entry.actorKind,
    actor_id: entry.actorId,
    actor_via: entry.actorVia,
    address: entry.address,
    action: entry.action,
    target_kind: entry.targetKind,
    target_id: entry.targetId,
    result: entry.result,
    detail: entry.detail,
    hash,
  };
}
