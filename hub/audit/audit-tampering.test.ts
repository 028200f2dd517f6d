/**
 * Every kind of edit that somebody with the database or with an export in hand could try, each by its name, at
 * places that chance picks. The verdict must name the first entry that is not what was written, or the stretch
 * between two signatures in which it lies. Only who has the key can rewrite: that is said in docs/audit.md.
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore, type Store } from "../store/open-store.ts";
import {
  edits,
  entriesOf,
  isEntry,
  keysOf,
  rehash,
  signaturesOf,
  type Entry,
} from "../test-support/audit-edits.ts";
import { openAuditChain } from "./audit-chain.ts";
import type { AuditEvent } from "./audit-event.ts";
import { makeAuditKeyFiles } from "./audit-key.ts";
import { makeAuditReader } from "./audit-reader.ts";
import { exportFormat, writeRecord, type AuditRecord } from "./audit-record.ts";
import type { AuditReceipt, ChainVerdict } from "./check-chain.ts";
import { headToSign, noHash } from "./hash-entry.ts";
import { readReceipt, verifyExport, verifyStore, writeReceipt } from "./verify-audit.ts";

const signEveryEntries = 8;
const length = 60;
const rotatedAt = 30;

let directory: string;
let store: Store;
let records: AuditRecord[];
let receipt: AuditReceipt;

const eventOf = (n: number): AuditEvent => ({
  actor: { kind: "login", id: `usr_${n % 3}`, via: `lgn_${n % 5}` },
  address: `10.0.0.${n}`,
  action: n % 2 === 0 ? "login.opened" : "user.role_changed",
  target: { kind: "user", id: `usr_${n}` },
  result: "done",
  detail: { n, reason: "none" },
});

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-tampering-"));
  store = await openStore(directory);
  let ms = 1_000;
  const chain = await openAuditChain({
    store,
    keys: makeAuditKeyFiles(directory),
    wallMs: () => (ms += 7),
    signEveryEntries,
  });
  for (let n = 2; n < rotatedAt; n += 1) await chain.append([eventOf(n)]);
  await chain.rotateKey({ kind: "console", id: "", via: "" });
  for (let n = rotatedAt + 1; n <= length; n += 1) await chain.append([eventOf(n)]);
  await chain.sign();
  records = [];
  for await (const record of makeAuditReader(store).records()) records.push(record);
  receipt = (await makeAuditReader(store).receipt())!;
});
afterAll(async () => {
  await store.destroy();
  rmSync(directory, { recursive: true, force: true });
});

const place = fc.integer({ min: 2, max: length });

const lastSignedBefore = (at: number) =>
  Math.max(
    0,
    ...signaturesOf(records)
      .map(({ signature }) => signature.sequence)
      .filter((sequence) => sequence < at),
  );

/** It is named by its number, or lies in the stretch that one signature speaks for. */
function expectNamed(verdict: ChainVerdict, first: number): void {
  if (verdict.ok) throw new Error("nothing was noticed");
  const isExact = verdict.sequence === first;
  const isStretch =
    verdict.sequence === lastSignedBefore(first) + 1 &&
    // A signature may have slid onto the entry before.
    verdict.through >= first - 1 &&
    verdict.through <= first + signEveryEntries;
  const isOlderKey = verdict.sequence === 1 && verdict.problem === "no_beginning";
  expect({ verdict, first, isNamed: isExact || isStretch || isOlderKey }).toMatchObject({
    isNamed: true,
  });
}

const asLines = (edited: readonly AuditRecord[]) => [exportFormat, ...edited.map(writeRecord)];

describe("in an export", () => {
  test("what nobody touched is right, with either key and with the receipt", async () => {
    const [first = "", second = ""] = keysOf(records);
    for (const key of [undefined, first, second]) {
      expect(await verifyExport(asLines(records), { signEveryEntries, key, receipt })).toEqual({
        ok: true,
        entries: length,
        signedSequence: length,
        keys: [first, second],
      });
    }
  });

  test.each(edits)("$name", async ({ make }) => {
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        const { edited, first } = make(records, at);
        expectNamed(await verifyExport(asLines(edited), { signEveryEntries }), first);
      }),
      { numRuns: 40 },
    );
  });

  test("a letter of any line", async () => {
    const lines = asLines(records);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(lines.length - 1),
        fc.nat(),
        fc.constantFrom("0", "x", '"', " ", "}"),
        async (line, column, letter) => {
          const text = lines[line] ?? "";
          const at = column % text.length;
          fc.pre(text[at] !== letter);
          const edited = lines.with(line, `${text.slice(0, at)}${letter}${text.slice(at + 1)}`);
          expect((await verifyExport(edited, { signEveryEntries })).ok).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("the same record written in another way", async () => {
    const lines = asLines(records);
    const [, line = ""] = lines;
    for (const other of [
      ` ${line}`,
      line.replace('"result"', '"result":"refused","result"'),
      line.replace("{", '{"more":1,'),
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).toReversed())),
    ]) {
      expect(await verifyExport(lines.with(1, other), { signEveryEntries })).toMatchObject({
        problem: "unreadable",
        sequence: 1,
      });
    }
  });

  test("a tail cut off behind a signature shows against a receipt, and only there", async () => {
    const [, second = ""] = keysOf(records);
    for (const { signature } of signaturesOf(records).slice(0, -1)) {
      const cut = records.filter(
        (each) => (isEntry(each) ? each.entry : each.signature).sequence <= signature.sequence,
      );
      expect((await verifyExport(asLines(cut), { signEveryEntries })).ok).toBe(true);
      expect(await verifyExport(asLines(cut), { signEveryEntries, receipt })).toMatchObject(
        signature.sequence < rotatedAt
          ? { problem: "bad_receipt" }
          : { problem: signature.sequence === rotatedAt ? expect.any(String) : "missing" },
      );
      if (signature.sequence <= rotatedAt) {
        expect(await verifyExport(asLines(cut), { signEveryEntries, key: second })).toMatchObject({
          problem: "other_key",
        });
      }
    }
  });

  test("a tail cut off elsewhere", async () => {
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        fc.pre(lastSignedBefore(at + 1) !== at);
        const cut = records.filter(
          (each) => (isEntry(each) ? each.entry : each.signature).sequence <= at,
        );
        expect(await verifyExport(asLines(cut), { signEveryEntries })).toMatchObject({
          problem: "unsigned",
          sequence: lastSignedBefore(at) + 1,
        });
      }),
    );
  });

  test("a whole chain of somebody else shows against the key that was noted down", async () => {
    const [key = ""] = keysOf(records);
    const mine = generateKeyPairSync("ed25519");
    const { x = "" } = mine.publicKey.export({ format: "jwk" });
    const publicKey = new Uint8Array(Buffer.from(x, "base64url"));
    const base = entriesOf(records)[0]!.entry;
    /** One's own first entry, and one that hands over to the true key, which has signed nothing here. */
    const trueKey = Buffer.from(signaturesOf(records)[0]!.signature.publicKey);
    const forged: AuditRecord[] = rehash([
      { kind: "entry", entry: { ...base, detail: JSON.stringify({ publicKey: x }) }, hash: noHash },
      {
        kind: "entry",
        entry: {
          ...base,
          sequence: 2,
          action: "audit.key_rotated",
          detail: JSON.stringify({ publicKey: trueKey.toString("base64url") }),
        },
        hash: noHash,
      },
    ]);
    const sequence = 2;
    const { hash } = forged[1] as Entry;
    const signature = new Uint8Array(sign(null, headToSign(sequence, hash), mine.privateKey));
    forged.push({ kind: "signature", signature: { sequence, publicKey, signature } });
    expect((await verifyExport(asLines(forged), { signEveryEntries })).ok).toBe(true);
    expect(await verifyExport(asLines(forged), { signEveryEntries, key })).toMatchObject({
      problem: "other_key",
    });
    expect(await verifyExport(asLines(forged), { signEveryEntries, receipt })).toMatchObject({
      problem: "bad_receipt",
    });
  });

  test("a receipt is read as it was written, and an altered one is none", async () => {
    const text = writeReceipt(receipt);
    expect(writeReceipt(readReceipt(`${text}\n`)!)).toBe(text);
    for (const other of ["", "{}", text.slice(1), text.replace(/\d/, "x"), `${text}${text}`]) {
      expect(readReceipt(other)).toBeNull();
    }
    const altered = { ...receipt, sequence: receipt.sequence - 1 };
    expect(
      await verifyExport(asLines(records), { signEveryEntries, receipt: altered }),
    ).toMatchObject({ problem: "bad_receipt" });
  });
});

describe("in the database", () => {
  /** Put there in one transaction, judged, and taken back. */
  async function judged(
    edited: readonly AuditRecord[],
    nowMs = Number.MAX_SAFE_INTEGER,
  ): Promise<ChainVerdict> {
    let verdict: ChainVerdict | null = null;
    await store
      .transaction()
      .execute(async (db) => {
        await db.deleteFrom("audit_entries").execute();
        await db.deleteFrom("audit_signatures").execute();
        for (const { entry, hash } of entriesOf(edited)) {
          await db
            .insertInto("audit_entries")
            .values({
              ...{ sequence: entry.sequence, at_ms: entry.atMs, address: entry.address },
              ...{ actor_kind: entry.actorKind, actor_id: entry.actorId },
              ...{ actor_via: entry.actorVia, action: entry.action, result: entry.result },
              ...{ target_kind: entry.targetKind, target_id: entry.targetId },
              ...{ detail: entry.detail, hash },
            })
            .execute();
        }
        for (const { signature } of signaturesOf(edited)) {
          await db
            .insertInto("audit_signatures")
            .values({
              sequence: signature.sequence,
              public_key: signature.publicKey,
              signature: signature.signature,
            })
            .execute();
        }
        verdict = await verifyStore(makeAuditReader(db), { signEveryEntries }, nowMs);
        throw new Error("taken back");
      })
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== "taken back") throw error;
      });
    return verdict!;
  }

  test("what nobody touched is right", async () => {
    expect(await judged(records)).toMatchObject({ ok: true, entries: length });
  });

  // The primary key admits no number twice: those edits there are in an export only.
  const possible = edits.filter(({ name }) => !/^(insert|duplicate|alter sequence.*)$/.test(name));
  test.each(possible)("$name", async ({ name, make }) => {
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        const { edited, first } = make(records, at);
        const numbers = entriesOf(edited).map(({ entry }) => entry.sequence);
        fc.pre(new Set(numbers).size === numbers.length);
        const signed = signaturesOf(edited).map(({ signature }) => signature.sequence);
        fc.pre(new Set(signed).size === signed.length);
        const verdict = await judged(edited);
        // Swapped numbers are sorted again.
        if (name.startsWith("swap")) expect(verdict.ok).toBe(true);
        else expectNamed(verdict, first);
      }),
      { numRuns: 15 },
    );
  });

  test("entries of the last minute may wait for their signature, and only those", async () => {
    await store.updateTable("audit_head").set({ signed_sequence: 1 }).execute();
    const last = lastSignedBefore(length);
    const unsigned = records.filter((each) => isEntry(each) || each.signature.sequence <= last);
    const { atMs } = entriesOf(records).at(last)!.entry;
    expect((await judged(unsigned, atMs + 60_000)).ok).toBe(true);
    expect(await judged(unsigned, atMs + 60_001)).toMatchObject({
      problem: "unsigned",
      sequence: last + 1,
    });
    await store.updateTable("audit_head").set({ signed_sequence: length }).execute();
    expect(await judged(unsigned, atMs)).toMatchObject({ problem: "unsigned", sequence: last + 1 });
  });

  test("a tail cut off, the row of the head left alone", async () => {
    for (const { signature } of signaturesOf(records).slice(0, -1)) {
      const cut = records.filter(
        (each) => (isEntry(each) ? each.entry : each.signature).sequence <= signature.sequence,
      );
      expect(await judged(cut)).toMatchObject({
        problem: "missing",
        sequence: signature.sequence + 1,
      });
    }
  });
});
