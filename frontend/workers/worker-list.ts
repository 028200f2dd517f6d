import type { HubClient } from "../link/hub-client.ts";
import { createSignal, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

export interface WorkerEntry {
  readonly id: string;
  readonly name: string;
  readonly online: boolean;
  /** Milliseconds since 1970; 0 when never. */
  readonly lastSeenAtMs: number;
  readonly bundled: boolean;
}

export interface WorkerList {
  readonly all: readonly WorkerEntry[];
  loaded(): boolean;
  find(workerId: string): WorkerEntry | undefined;
  refresh(): Promise<void>;
}

/** The workers as the hub reports them, fetched anew whenever it says that they changed. */
export function createWorkerList(hub: HubClient): WorkerList {
  const [all, setAll] = createStore<WorkerEntry[]>([]);
  const [loaded, setLoaded] = createSignal(false);
  let latest = 0;

  async function refresh(): Promise<void> {
    const mine = ++latest;
    const { workers } = await hub.workers.listWorkers({});
    if (mine !== latest) return;
    const entries = workers.map((worker): WorkerEntry => ({
      id: worker.workerId,
      name: worker.name || "Worker",
      online: worker.online,
      lastSeenAtMs: Number(worker.lastSeenAtMs),
      bundled: worker.bundled,
    }));
    entries.sort((a, b) => Number(b.bundled) - Number(a.bundled) || a.name.localeCompare(b.name));
    setAll(reconcile(entries, { key: "id" }));
    setLoaded(true);
  }

  onCleanup(
    hub.onChanged((change) => {
      if (change.workers) void refresh().catch(() => {});
    }),
  );

  return { all, loaded, refresh, find: (id) => all.find((worker) => worker.id === id) };
}
