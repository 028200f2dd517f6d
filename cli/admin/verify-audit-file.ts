// Verifies an export of the audit log by itself: no hub and no database are asked. What it tells, and what
// nobody can: docs/audit.md.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import type { AuditReceipt, ChainVerdict } from "@leapmux/hub/audit/check-chain.ts";
import { readReceipt, verifyExport } from "@leapmux/hub/audit/verify-audit.ts";
import { makeHubLimits } from "@leapmux/hub/config/hub-limits.ts";
import { CommandError } from "../command-error.ts";
import type { AdminFlags } from "./admin-flags.ts";

/** What the log is held against beside itself. */
export interface VerifyDemands {
  /** The fingerprint that somebody noted down. */
  readonly key: string | undefined;
  /** A head that was exported before. */
  readonly receipt: AuditReceipt | undefined;
}

export async function verifyAuditFile(
  file: string,
  { key, receipt }: VerifyDemands,
): Promise<ChainVerdict> {
  const { auditSignEveryEntries: signEveryEntries } = makeHubLimits();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  return await verifyExport(lines, { signEveryEntries, key, receipt }).catch((error: unknown) => {
    throw unreadable(file, error);
  });
}

export async function readDemands(flags: AdminFlags, workingDir: string): Promise<VerifyDemands> {
  const key = flags.text("key");
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) {
    throw new CommandError("usage", "--key must be a fingerprint of 64 hexadecimal digits");
  }
  const headFile = flags.text("head");
  if (headFile === undefined) return { key, receipt: undefined };
  const receipt = readReceipt(await readHeadFile(workingDir, headFile));
  return { key, receipt: receipt ?? undefined };
}

/** The text of one, which is known to be a head. */
export async function readHeadFile(workingDir: string, typed: string): Promise<string> {
  const file = path.resolve(workingDir, typed);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (readReceipt(text) !== null) return text.trim();
  throw new CommandError("usage", `${file} is not a head of an audit log`);
}

function unreadable(file: string, error: unknown): CommandError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
  return new CommandError("failure", `the file ${file} cannot be read (${code})`, undefined, error);
}
