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
  /** A name of worker-icons.ts; empty for the usual one. */
  readonly icon: string;
  readonly registeredAtMs: number;
  /** Told to stop for good, and has not said yet that it did. */
  readonly deregistering: boolean;
}

export interface WorkerList {
  readonly all: readonly WorkerEntry[];
  loaded(): boolean;
  find(workerId: string): WorkerEntry | undefined;
  refresh(): Promise<void>;
  /** Shown at once; put back, and thrown, when the hub refuses. */
  change(workerId: string, to: { readonly name: string; readonly icon: string }): Promise<void>;
}

/** The workers as the hub reports them, fetched anew whenever it says that they changed. */
export function createWorkerList(hub: HubClient): WorkerList {
  const [all, setAll] = createStore<WorkerEntry[]>([]);
  const [loaded, setLoaded] = createSignal(false);
  let latest = 0;
  let newest = Promise.resolve();

  function refresh(): Promise<void> {
    newest = fetchList(++latest);
    return newest;
  }

  async function fetchList(mine: number): Promise<void> {
    const { workers } = await hub.workers.listWorkers({});
    // Whoever waits for this one gets what the newer one brings.
    if (mine !== latest) return newest;
    const entries = workers.map((worker): WorkerEntry => ({
      id: worker.workerId,
      name: worker.name || "Worker",
      online: worker.online,
      lastSeenAtMs: Number(worker.lastSeenAtMs),
      bundled: worker.bundled,
      icon: worker.icon,
      registeredAtMs: Number(worker.registeredAtMs),
      deregistering: worker.deregistering,
    }));
    entries.sort((a, b) => Number(b.bundled) - Number(a.bundled) || a.name.localeCompare(b.name));
    setAll(reconcile(entries, { key: "id" }));
    setLoaded(true);
  }

  onCleanup(
    hub.onChanged((told) => {
      if (told.workers) void refresh().catch(() => {});
    }),
  );

  async function change(workerId: string, to: { readonly name: string; readonly icon: string }) {
    const { name, icon } = all.find((worker) => worker.id === workerId) ?? to;
    const before = { name, icon };
    setAll((worker) => worker.id === workerId, to);
    try {
      await hub.workers.changeWorker({ workerId, ...to });
    } catch (error) {
      setAll((worker) => worker.id === workerId, before);
      throw error;
    }
  }

  return { all, loaded, refresh, change, find: (id) => all.find((worker) => worker.id === id) };
}
