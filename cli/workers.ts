// `leapmux workers`: what `leapmux shell` can open, as the hub lists it.
import { formatTable } from "./format-table.ts";
import { listWorkers } from "./channel/choose-worker.ts";
import { chooseHub } from "./channel/choose-hub.ts";
import { meetHub } from "./channel/meet-hub.ts";
import type { StoredLogins } from "./local/stored-logins.ts";
import type { Output } from "./output.ts";

export async function runWorkers(options: {
  readonly hub: string | undefined;
  readonly json: boolean;
  readonly logins: StoredLogins;
  readonly output: Output;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { json, logins, output, signal } = options;
  const hub = chooseHub(options.hub, logins);
  const workers = await listWorkers(await meetHub(hub, logins, signal), signal);
  if (json) {
    const rows = workers.map((worker) => ({
      worker_id: worker.workerId,
      name: worker.name,
      online: worker.isOnline,
      encryption_mode: worker.mode,
      last_seen_at: seen(worker.lastSeenAtMs),
    }));
    output.print(JSON.stringify({ hub, workers: rows }));
  } else if (workers.length === 0) {
    output.print(`No worker is registered at ${hub}.`);
  } else {
    const rows = workers.map((worker) => [
      worker.name,
      worker.isOnline ? "online" : "offline",
      worker.workerId,
      worker.mode,
      worker.isOnline
        ? "now"
        : (seen(worker.lastSeenAtMs)?.replace("T", " ").slice(0, 16) ?? "never"),
    ]);
    const head = ["NAME", "STATE", "ID", "ENCRYPTION", "LAST SEEN"];
    for (const line of formatTable(head, rows)) output.print(line);
  }
  return 0;
}

/** The hub's word: it may be no time at all. */
function seen(ms: number): string | null {
  return ms > 0 && ms < 8.64e15 ? new Date(ms).toISOString() : null;
}
