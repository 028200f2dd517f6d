import { createClient } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { AuditAdminService } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { expect, test } from "vitest";
import { readReceipt, verifyExport } from "../../../audit/verify-audit.ts";
import { acceptInvitation, connectAs, setUpFirstAdmin } from "../../../test-support/log-in.ts";
import { refusalOf } from "../../../test-support/refusal-of.ts";
import { startTestHub } from "../../../test-support/start-links.ts";

async function start() {
  const { hub, url } = await startTestHub({ kind: "hub", limits: { auditSignEveryEntries: 8 } });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const audit = createClient(AuditAdminService, ann.transport);
  const admin = createClient(AdminService, ann.transport);
  return { hub, url, ann, audit, admin };
}

async function exportLines(audit: Awaited<ReturnType<typeof start>>["audit"]): Promise<string[]> {
  const lines: string[] = [];
  for await (const message of audit.exportAudit({})) lines.push(...message.lines);
  return lines;
}

test("the list has the newest first, in pages and by filter", async () => {
  const { ann, audit, admin } = await start();
  for (let n = 0; n < 3; n += 1) await admin.invite({ role: Role.USER });
  const all = (await audit.listAudit({})).entries.map(({ sequence }) => sequence);
  expect(all).toEqual(all.toSorted((a, b) => Number(b - a)));
  const paged: bigint[] = [];
  let cursor = "";
  do {
    const page = await audit.listAudit({ limit: 4, cursor });
    expect(page.entries.length).toBeLessThanOrEqual(4);
    paged.push(...page.entries.map(({ sequence }) => sequence));
    cursor = page.nextCursor;
  } while (cursor !== "");
  expect(paged).toEqual(all);
  const made = await audit.listAudit({ action: "invitation.made", actorId: ann.userId });
  expect(made.entries.map(({ result }) => result)).toEqual([
    ...["done", "begun", "done", "begun", "done", "begun"],
  ]);
  const [{ targetId = "" } = {}] = made.entries;
  expect((await audit.listAudit({ targetId })).entries).toHaveLength(1);
  expect((await audit.listAudit({ actorId: "usr_nobody" })).entries).toEqual([]);
});

test.each(["x", "YmVmb3JlOjA", "YmVmb3JlOi0x", "YmVmb3JlOjF4", "A".repeat(65)])(
  "the cursor %j is refused",
  async (cursor) => {
    const { audit } = await start();
    // As every list says it, which is what the command line looks for.
    await expect(audit.listAudit({ cursor })).rejects.toThrow(/page_token is not one/);
  },
);

test("an export verifies by itself, against the key and the head that were noted down before", async () => {
  const { audit, admin } = await start();
  const { head } = await audit.exportAuditHead({});
  const receipt = readReceipt(head)!;
  const { keys } = await audit.verifyAudit({ head });
  for (let n = 0; n < 20; n += 1) await admin.invite({ role: Role.USER });
  const { key, sequence } = await audit.rotateAuditKey({});
  await admin.invite({ role: Role.USER });
  const lines = await exportLines(audit);
  const asked = { signEveryEntries: 8, key: keys[0], receipt };
  const verdict = await verifyExport(lines, asked);
  expect(verdict).toMatchObject({ ok: true, keys: [keys[0], key] });
  // More than one message of the stream, and itself the last entry.
  expect(lines.at(-2)).toContain('"audit.exported"');
  expect(await verifyExport(lines.toSpliced(10, 1), asked)).toMatchObject({ ok: false });
  expect(await audit.verifyAudit({ key, head })).toMatchObject({
    problem: "",
    keys: [keys[0], key],
  });
  expect(await audit.verifyAudit({ key: "0".repeat(64) })).toMatchObject({ problem: "other_key" });
  const named = (await audit.listAudit({ action: "audit.key_rotated" })).entries;
  expect(named).toMatchObject([{ sequence, targetId: key, actorKind: "login" }]);
});

test("what is no key and no head is refused, and so is whoever is no admin", async () => {
  const { url, audit, admin } = await start();
  for (const request of [{ key: "abc" }, { key: "x".repeat(65) }, { head: "{}" }]) {
    expect(await refusalOf(audit.verifyAudit(request))).toBe("invalid_request");
  }
  expect(await refusalOf(audit.listAudit({ limit: 501 }))).toBe("invalid_request");
  const { token } = await admin.invite({ role: Role.USER });
  const bob = await acceptInvitation(url, token, { username: "bob", password: "bobs password!" });
  for (const [transport, refusal] of [
    [bob.transport, "admin_required"],
    [connectAs(url), "unauthenticated"],
  ] as const) {
    const calls = createClient(AuditAdminService, transport);
    expect(await refusalOf(calls.listAudit({}))).toBe(refusal);
    expect(await refusalOf(calls.verifyAudit({}))).toBe(refusal);
    expect(await refusalOf(calls.exportAuditHead({}))).toBe(refusal);
    expect(await refusalOf(calls.rotateAuditKey({}))).toBe(refusal);
    expect(await refusalOf(exportLines(calls))).toBe(refusal);
  }
});

test("in solo whoever is at the machine reads its log", async () => {
  const { url } = await startTestHub({ kind: "solo" });
  const audit = createClient(AuditAdminService, connectAs(url));
  expect((await audit.listAudit({})).entries.map(({ action }) => action)).toEqual([
    "hub.started",
    "audit.key_made",
  ]);
  expect(await audit.verifyAudit({})).toMatchObject({ problem: "" });
});
