import type { HubClient } from "../link/hub-client.ts";
import { createSignal, onCleanup } from "solid-js";
import { createStore, produce, reconcile } from "solid-js/store";

export interface WorkspaceEntry {
  readonly id: string;
  readonly title: string;
}

/** The workspaces of the user: changed here at once, and put back when the hub refuses. */
export interface WorkspaceList {
  readonly all: readonly WorkspaceEntry[];
  loaded(): boolean;
  find(workspaceId: string): WorkspaceEntry | undefined;
  refresh(): Promise<void>;
  create(title: string): Promise<WorkspaceEntry>;
  rename(workspaceId: string, title: string): Promise<void>;
  /** Returns the tabs that went with it. */
  remove(workspaceId: string): Promise<readonly { tabId: string; workerId: string }[]>;
}

export function createWorkspaceList(hub: HubClient): WorkspaceList {
  const [all, setAll] = createStore<WorkspaceEntry[]>([]);
  const [loaded, setLoaded] = createSignal(false);
  const removing = new Set<string>();
  const renaming = new Map<string, string>();
  let latest = 0;

  async function refresh(): Promise<void> {
    const mine = ++latest;
    const { workspaces } = await hub.workspaces.listWorkspaces({});
    if (mine !== latest) return;
    // What is on its way to the hub stays as the user sees it.
    const entries = workspaces
      .filter((workspace) => !removing.has(workspace.workspaceId))
      .map(({ workspaceId: id, title }) => ({ id, title: renaming.get(id) ?? title }));
    setAll(reconcile(entries, { key: "id" }));
    setLoaded(true);
  }

  onCleanup(
    hub.onChanged((change) => {
      if (change.workspaces) void refresh().catch(() => {});
    }),
  );

  const setTitle = (id: string, title: string) => setAll((entry) => entry.id === id, { title });

  return {
    all,
    loaded,
    refresh,
    find: (id) => all.find((workspace) => workspace.id === id),
    async create(title) {
      const { workspace } = await hub.workspaces.createWorkspace({ title });
      if (!workspace) throw new Error("the hub answered without a workspace");
      const entry = { id: workspace.workspaceId, title: workspace.title };
      if (!all.some((other) => other.id === entry.id)) {
        setAll(produce((list) => list.push(entry)));
      }
      return entry;
    },
    async rename(id, title) {
      const before = all.find((workspace) => workspace.id === id)?.title;
      renaming.set(id, title);
      setTitle(id, title);
      try {
        await hub.workspaces.renameWorkspace({ workspaceId: id, title });
      } catch (error) {
        if (before !== undefined && renaming.get(id) === title) setTitle(id, before);
        throw error;
      } finally {
        if (renaming.get(id) === title) renaming.delete(id);
      }
    },
    async remove(id) {
      const index = all.findIndex((workspace) => workspace.id === id);
      const before = all[index];
      removing.add(id);
      setAll((list) => list.filter((workspace) => workspace.id !== id));
      try {
        const { tabs } = await hub.workspaces.deleteWorkspace({ workspaceId: id });
        return tabs.map(({ tabId, workerId }) => ({ tabId, workerId }));
      } catch (error) {
        if (before && !all.some((workspace) => workspace.id === id)) {
          setAll(produce((list) => list.splice(index, 0, before)));
        }
        throw error;
      } finally {
        removing.delete(id);
      }
    },
  };
}
