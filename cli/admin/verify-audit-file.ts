// Verifies an export of the audit log by itself: no hub and no database are asked. What it tells, and what
// nobody can: docs/audit.md.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { ChainProblem, ChainVerdict } from "@leapmux/hub/audit/check-chain.ts";
import { readReceipt, verifyExport } from "@leapmux/hub/audit/verify-audit.ts";
import { makeHubLimits } from "@leapmux/hub/config/hub-limits.ts";
import { CommandError } from "../command-error.ts";
import type { Output } from "../output.ts";

export interface VerifyAuditFileOptions {
  readonly file: string;
  /** The fingerprint that somebody noted down. */
  readonly key: string | undefined;
  /** A file with a head that was exported before. */
  readonly headFile: string | undefined;
  readonly json: boolean;
  readonly output: Pick<Output, "print">;
}

/** The exit code: 0 where nothing is wrong, 1 where something is. */
export async function verifyAuditFile(options: VerifyAuditFileOptions): Promise<number> {
  const { file, key, headFile, json, output } = options;
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) {
    throw new CommandError("usage", "--key must be a fingerprint of 64 hexadecimal digits");
  }
  const receipt = headFile === undefined ? undefined : readReceipt(await read(headFile));
  if (receipt === null) {
    throw new CommandError("usage", `${headFile} is not a head of an audit log`);
  }
  const { auditSignEveryEntries: signEveryEntries } = makeHubLimits();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  const verdict = await verifyExport(lines, { signEveryEntries, key, receipt }).catch(
    (error: unknown) => {
      throw unreadable(file, error);
    },
  );
  if (json) output.print(JSON.stringify(verdict));
  else describeVerdict(verdict).forEach((line) => output.print(line));
  return verdict.ok ? 0 : 1;
}

function describeVerdict(verdict: ChainVerdict): string[] {
  if (verdict.ok) {
    const { entries, signedSequence, keys } = verdict;
    return [
      `${entries} entries, signed up to ${signedSequence}. Nothing was altered, removed or inserted.`,
      ...keys.map((key) => `Key: ${key}`),
    ];
  }
  const { sequence, through, problem } = verdict;
  const where = through > sequence ? `Entries ${sequence} to ${through}` : `Entry ${sequence}`;
  return [`${where}: ${problems[problem]}.`];
}

const problems: Record<ChainProblem, string> = {
  altered: "not what was written",
  missing: "missing",
  inserted: "inserted, or there twice",
  bad_signature: "not what was signed: something was altered, removed or inserted",
  unsigned: "without the signature that must be there",
  no_beginning: "not the beginning of an audit log",
  other_key: "not signed by this key, nor by one that it handed over to",
  not_the_receipt: "another history than the one of this head",
  bad_receipt: "the head was not signed by a key of this log",
  unreadable: "not readable as it must be written",
};

async function read(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((error: unknown) => {
    throw unreadable(file, error);
  });
}

function unreadable(file: string, error: unknown): CommandError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
  return new CommandError("failure", `the file ${file} cannot be read (${code})`, undefined, error);
}
