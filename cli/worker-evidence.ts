// `leapmux worker evidence`: what happened on this worker, by its own chain, and whether that is whole. Works
// on the data directory, with the worker running or not.
import { openDatabase } from "@leapmux/worker/store/open-database.ts";
import { makeEvidenceStore } from "@leapmux/worker/evidence/evidence-store.ts";
import { formatTable } from "./format-table.ts";
import { type ConsoleOptions, readWorker } from "./worker-devices.ts";

const shown = 100;

/** The exit code: 1 where the chain is not what was written. */
export async function runEvidence({ dataDir, json, output }: ConsoleOptions): Promise<number> {
  readWorker(dataDir);
  const database = await openDatabase(dataDir);
  try {
    const store = makeEvidenceStore(database);
    const verdict = await store.verify();
    const rows = await store.list(Number.MAX_SAFE_INTEGER, json ? -1 : shown);
    if (json) {
      const { head, ...told } = verdict.ok ? verdict : { ...verdict, head: null };
      const hash = head && Buffer.from(head.hash).toString("hex");
      const chain = { ...told, ...(head && { head: { sequence: head.sequence, hash } }) };
      const entries = rows.map(({ hash: own, ...row }) => ({
        ...row,
        hash: Buffer.from(own).toString("hex"),
      }));
      output.print(JSON.stringify({ chain, entries }));
      return verdict.ok ? 0 : 1;
    }
    const table = formatTable(
      ["NUMBER", "AT", "WHAT", "USER", "DEVICE", "CHANNEL OR TERMINAL", "REASON"],
      rows.map((row) => [
        String(row.sequence),
        new Date(row.at_ms).toISOString(),
        row.count > 1 ? `${row.action} (${row.count} times)` : row.action,
        row.user_id,
        row.device_id,
        row.subject,
        row.reason,
      ]),
    );
    for (const line of table) output.print(line);
    output.print("");
    if (!verdict.ok) {
      output.print(`Entry ${verdict.sequence} was altered, removed or inserted.`);
      return 1;
    }
    const { entries, forgotten, head } = verdict;
    output.print(`${entries} entries in one chain, ${forgotten} older ones forgotten.`);
    output.print(`Head: ${head.sequence} ${Buffer.from(head.hash).toString("hex")}`);
    return 0;
  } finally {
    await database.destroy();
  }
}
