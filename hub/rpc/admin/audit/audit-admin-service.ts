import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { AuditAdminService, AuditEntrySchema } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import type { AuditChain } from "../../../audit/audit-chain.ts";
import type { AuditEntry } from "../../../audit/audit-event.ts";
import type { AuditReader } from "../../../audit/audit-reader.ts";
import { exportFormat, writeRecord } from "../../../audit/audit-record.ts";
import { fingerprintOf } from "../../../audit/audit-signature.ts";
import { readReceipt, verifyStore, writeReceipt } from "../../../audit/verify-audit.ts";
import { actorOf } from "../../audit/audit-calls.ts";
import { principalOf } from "../../call-principal.ts";
import { requireShort } from "../../check-request.ts";
import { pageTokenOf, requirePageToken } from "../../page-token.ts";
import { refuse } from "../../refusal.ts";

const defaultPage = 50;
const maxPage = 500;
const linesPerMessage = 100;

export interface AuditAdminParts {
  readonly chain: AuditChain;
  readonly reader: AuditReader;
  readonly signEveryEntries: number;
  readonly wallMs: () => number;
}

/** The audit log as admins see it. The gate has asked for the role admin before any of this runs. */
export function auditAdminService(parts: AuditAdminParts): ServiceImpl<typeof AuditAdminService> {
  const { chain, reader, signEveryEntries, wallMs } = parts;

  return {
    async listAudit(request) {
      const limit = request.limit === 0 ? defaultPage : request.limit;
      if (limit > maxPage) throw refuse("invalid_request", `limit must be 1 to ${maxPage}`);
      const filter = {
        actorId: requireShort(request.actorId, "actor_id", 80),
        action: requireShort(request.action, "action", 80),
        targetId: requireShort(request.targetId, "target_id", 80),
      };
      const entries = await reader.list(filter, readCursor(request.cursor), limit);
      const last = entries.at(-1)?.sequence ?? 1;
      const isLast = entries.length < limit || last === 1;
      const { signedSequence } = await reader.head();
      return {
        entries: entries.map(wireEntryOf),
        nextCursor: isLast ? "" : writeCursor(last),
        signedSequence: BigInt(signedSequence),
      };
    },

    async *exportAudit() {
      // Up to where it is signed: what comes meanwhile is not.
      await chain.sign();
      const signed = (await reader.receipt())?.sequence ?? 0;
      let lines = [exportFormat];
      for await (const record of reader.records(signed)) {
        lines.push(writeRecord(record));
        if (lines.length < linesPerMessage) continue;
        yield { lines };
        lines = [];
      }
      yield { lines };
    },

    async verifyAudit(request) {
      const key = requireShort(request.key, "key", 64);
      if (key !== "" && !/^[0-9a-f]{64}$/.test(key)) {
        throw refuse("invalid_request", "key must be a fingerprint of 64 hexadecimal digits");
      }
      const receipt = request.head === "" ? undefined : readReceipt(request.head);
      if (receipt === null) throw refuse("invalid_request", "head is not one that a hub exported");
      const asked = { signEveryEntries, receipt, key: key === "" ? undefined : key };
      const verdict = await verifyStore(reader, asked, wallMs());
      if (!verdict.ok) {
        const { problem, sequence, through } = verdict;
        return { problem, sequence: BigInt(sequence), through: BigInt(through) };
      }
      return {
        entries: BigInt(verdict.entries),
        signedSequence: BigInt(verdict.signedSequence),
        keys: [...verdict.keys],
      };
    },

    async exportAuditHead() {
      await chain.sign();
      const receipt = await reader.receipt();
      if (receipt === undefined) throw refuse("not_found");
      return { head: writeReceipt(receipt) };
    },

    async rotateAuditKey(_request, context) {
      const { sequence, publicKey } = await chain.rotateKey(actorOf(principalOf(context)));
      return { sequence: BigInt(sequence), key: fingerprintOf(publicKey) };
    },
  };
}

/** Where a page ended, as the inside of a page token: entries go backwards. */
const form = /^before:([1-9]\d{0,14})$/;

function writeCursor(sequence: number): string {
  return pageTokenOf(`before:${sequence}`);
}

function readCursor(cursor: string): number {
  const place = requirePageToken(cursor, (text) => form.test(text));
  return Number(form.exec(place)?.[1] ?? Number.MAX_SAFE_INTEGER);
}

function wireEntryOf(entry: AuditEntry): MessageInitShape<typeof AuditEntrySchema> {
  const { sequence, atMs, detail, ...rest } = entry;
  return { ...rest, sequence: BigInt(sequence), atMs: BigInt(atMs), detailJson: detail };
}
