// `leapmux admin audit`: who did what, and whether anybody edited the log of it. An export is verified by
// itself: whoever doubts a hub asks neither it nor its database.
import { createClient } from "@connectrpc/connect";
import { AuditAdminService, type AuditEntry } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import type { AdminCall, AdminFlag, AdminGroup } from "./admin-command.ts";
import { done, type Field, listOf, printed, timeOf } from "./admin-result.ts";
import { collectPages } from "./collect-pages.ts";
import { verdictResult } from "./describe-verdict.ts";
import { requireLine, writeOutFile } from "./write-out-file.ts";
import { readDemands, readHeadFile, verifyAuditFile } from "./verify-audit-file.ts";

const clientOf = ({ transport }: AdminCall) => createClient(AuditAdminService, transport);
/** As long as it takes: the log is as long as the hub is old. */
const patient = { timeoutMs: 0 };
const maxPage = 500;

const fields: readonly Field<AuditEntry>[] = [
  { name: "sequence", title: "No", value: ({ sequence }) => sequence },
  { name: "at", title: "At", value: ({ atMs }) => timeOf(atMs) },
  { name: "actor_kind", title: "Actor", value: ({ actorKind }) => actorKind },
  { name: "actor_id", title: "Actor id", value: ({ actorId }) => actorId },
  { name: "actor_via", title: "Via", value: ({ actorVia }) => actorVia },
  { name: "address", title: "Address", value: ({ address }) => address },
  { name: "action", title: "Action", value: ({ action }) => action },
  { name: "target_kind", title: "Target", value: ({ targetKind }) => targetKind },
  { name: "target_id", title: "Target id", value: ({ targetId }) => targetId },
  { name: "result", title: "Result", value: ({ result }) => result },
  { name: "detail_json", title: "Detail", value: ({ detailJson }) => detailJson },
];

const outFlag: AdminFlag = {
  name: "out",
  placeholder: "FILE",
  description: "Into this file, which does not exist yet (built-in: standard output)",
};

export const auditGroup: AdminGroup = {
  name: "audit",
  description: "Who did what, and the proof that nobody edited it",
  commands: [
    {
      name: "list",
      description: "Entries of the audit log, the newest first",
      isPaged: true,
      flags: [
        { name: "actor", placeholder: "ID", description: "Only what this user or worker did" },
        { name: "action", placeholder: "ACTION", description: "Only this, such as login.failed" },
        { name: "target", placeholder: "ID", description: "Only what was done to this" },
      ],
      async run(call) {
        const filter = {
          actorId: call.flags.text("actor") ?? "",
          action: call.flags.text("action") ?? "",
          targetId: call.flags.text("target") ?? "",
        };
        const page = await collectPages(call.flags, async ({ pageSize, pageToken }) => {
          const { entries, nextCursor } = await clientOf(call).listAudit({
            ...filter,
            limit: Math.min(pageSize, maxPage),
            cursor: pageToken,
          });
          return { rows: entries, next: nextCursor };
        });
        return listOf("entries", fields, page);
      },
    },
    {
      name: "export",
      description: "The whole log with its signatures as JSON lines, from its beginning",
      flags: [outFlag],
      run: exportLog,
    },
    {
      name: "verify",
      description:
        "Whether an entry was altered, removed or inserted, and which first: of an export by itself, or of the database of the hub",
      file: {
        placeholder: "FILE",
        description: "an export; no hub is asked",
        async run({ file, flags, workingDir }) {
          return verdictResult(await verifyAuditFile(file, await readDemands(flags, workingDir)));
        },
      },
      flags: [
        {
          name: "key",
          placeholder: "FINGERPRINT",
          description: "Also whether this key, which was noted down, signed it or handed over",
        },
        {
          name: "head",
          placeholder: "FILE",
          description: "Also whether it goes on from this head, which was kept elsewhere",
        },
      ],
      run: verifyDatabase,
    },
    {
      name: "head",
      description: "The last signed head, to be kept where nobody who runs the hub can change it",
      flags: [outFlag],
      async run(call) {
        const { head } = await clientOf(call).exportAuditHead({});
        const out = call.flags.text("out");
        if (out === undefined) {
          call.output.print(requireLine(head));
          return printed;
        }
        const { file } = await writeOutFile(call.workingDir, out, [[head]]);
        return done(`Wrote the head to ${file}.`, { file });
      },
    },
    {
      name: "rotate-key",
      description: "Make another signing key, which the former one signs for",
      async run(call) {
        const { sequence, key } = await clientOf(call).rotateAuditKey({});
        return done(
          [
            `The key ${key} signs from entry ${sequence} on.`,
            "Next: note it down elsewhere. The former one stays good for what it signed.",
          ],
          { key, sequence: Number(sequence) },
        );
      },
    },
  ],
};

async function exportLog(call: AdminCall) {
  const batches = linesOf(call);
  const out = call.flags.text("out");
  if (out === undefined) {
    for await (const lines of batches) {
      for (const line of lines) call.output.print(requireLine(line));
    }
    return printed;
  }
  const { file, lines } = await writeOutFile(call.workingDir, out, batches);
  return done(`Wrote ${lines} lines to ${file}.`, { file, lines });
}

async function* linesOf(call: AdminCall): AsyncGenerator<readonly string[]> {
  for await (const { lines } of clientOf(call).exportAudit({}, patient)) yield lines;
}

async function verifyDatabase(call: AdminCall) {
  const { key } = await readDemands(call.flags, call.workingDir);
  const headFile = call.flags.text("head");
  const head = headFile === undefined ? "" : await readHeadFile(call.workingDir, headFile);
  const answer = await clientOf(call).verifyAudit({ key: key ?? "", head }, patient);
  const { problem, sequence, through, entries, signedSequence, keys } = answer;
  return verdictResult(
    problem === ""
      ? {
          ok: true,
          entries: Number(entries),
          signedSequence: Number(signedSequence),
          keys,
        }
      : { ok: false, problem, sequence: Number(sequence), through: Number(through) },
  );
}
