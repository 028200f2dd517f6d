import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createHub } from "@leapmux/hub/context.ts";
import { AuditAdminService } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandError } from "../command-error.ts";
import { makeAdminFlags } from "./admin-flags.ts";
import { verdictResult } from "./describe-verdict.ts";
import { readDemands, verifyAuditFile } from "./verify-audit-file.ts";

let directory: string;
let file: string;
let headFile: string;
let key: string;

/** An export of a real hub, which is gone when it is verified. */
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "leapmux-verify-"));
  const hub = await createHub({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir: path.join(directory, "hub"),
    kind: "solo",
    version: "0.0.0-test",
    logger: pino({ level: "silent" }),
  });
  const transport = createConnectTransport({ baseUrl: hub.address.url, httpVersion: "1.1" });
  const audit = createClient(AuditAdminService, transport);
  headFile = path.join(directory, "head.json");
  writeFileSync(headFile, `${(await audit.exportAuditHead({})).head}\n`);
  ({ key } = await audit.rotateAuditKey({}));
  file = path.join(directory, "audit.jsonl");
  for await (const { lines } of audit.exportAudit({})) {
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""), { flag: "a" });
  }
  await hub.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Given {
  readonly file?: string;
  readonly key?: string;
  readonly head?: string;
}

async function verify(given: Given = {}) {
  const typed = { key, head: headFile, ...given };
  const flags = makeAdminFlags(
    new Map([["key", typed.key] as const, ["head", typed.head] as const]),
  );
  const demands = await readDemands(flags, directory);
  const found = verdictResult(await verifyAuditFile(given.file ?? file, demands));
  if (found.kind !== "done") throw new Error("a verdict is a sentence");
  return {
    isFailure: found.isFailure === true,
    text: found.sentences.join("\n"),
    json: found.json,
  };
}

test("an export is right, with the key and the head that were noted down", async () => {
  const { isFailure, text, json } = await verify();
  expect(text).toMatch(/^\d+ entries, signed up to \d+\. Nothing was altered/);
  expect(text).toContain(`Key: ${key}`);
  expect(isFailure).toBe(false);
  expect(json).toMatchObject({ ok: true, keys: [expect.any(String), key] });
});

test("the first entry that was touched is named, and the exit code says so", async () => {
  const lines = readFileSync(file, "utf8").split("\n");
  const other = path.join(directory, "edited.jsonl");
  const at = lines.findIndex((line) => line.includes('"sequence":3,'));
  writeFileSync(other, lines.with(at, lines[at]!.replace("{", "{ ")).join("\n"));
  const altered = await verify({ file: other });
  expect(altered).toMatchObject({
    isFailure: true,
    text: "Entry 3: not readable as it must be written.",
  });
  writeFileSync(
    other,
    lines.with(at, lines[at]!.replace(/"address":"[^"]*"/, '"address":"1"')).join("\n"),
  );
  expect(await verify({ file: other })).toMatchObject({
    isFailure: true,
    text: "Entry 3: not what was written.",
  });
  writeFileSync(other, lines.toSpliced(at, 1).join("\n"));
  expect(await verify({ file: other })).toMatchObject({
    isFailure: true,
    json: { ok: false, problem: "missing", sequence: 3 },
  });
  expect((await verify({ key: "0".repeat(64) })).text).toMatch(/not signed by this key/);
});

test("what is no file, no key and no head is refused", async () => {
  for (const wrong of [
    { file: path.join(directory, "nowhere") },
    { head: path.join(directory, "nowhere") },
    { head: file },
    { key: "abc" },
  ]) {
    await expect(verify(wrong)).rejects.toBeInstanceOf(CommandError);
  }
});
