import type { HubClient } from "../link/hub-client.ts";
import { type Tab, TabKind } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

export interface TabEntry {
  /** Also the id of the terminal on the worker. */
  readonly id: string;
  readonly workspaceId: string;
  readonly workerId: string;
}

/**
 * The tabs of the workspaces that were looked at, in order. A change is shown at once and put back
 * when the hub refuses; news from the hub waits while a change of ours is on its way, so that no
 * tab jumps back and forth.
 */
export interface TabList {
  /** Undefined until loaded. */
  of(workspaceId: string): readonly TabEntry[] | undefined;
  find(tabId: string): TabEntry | undefined;
  load(workspaceId: string): Promise<void>;
  add(tab: TabEntry, index: number): Promise<void>;
  move(tab: TabEntry, index: number): Promise<void>;
  remove(tab: TabEntry): Promise<void>;
  /** The workspace is gone. */
  forget(workspaceId: string): void;
}

export function createTabList(hub: HubClient): TabList {
  const [byWorkspace, setByWorkspace] = createStore<Record<string, TabEntry[] | undefined>>({});
  const changing = new Map<string, number>();
  const stale = new Set<string>();
  const latest = new Map<string, number>();

  function put(workspaceId: string, tabs: TabEntry[]): void {
    setByWorkspace(workspaceId, reconcile(tabs, { key: "id" }));
  }

  async function load(workspaceId: string): Promise<void> {
    if (changing.get(workspaceId)) {
      stale.add(workspaceId);
      return;
    }
    const mine = (latest.get(workspaceId) ?? 0) + 1;
    latest.set(workspaceId, mine);
    const { tabs } = await hub.workspaces.listTabs({ workspaceId });
    if (changing.get(workspaceId)) stale.add(workspaceId);
    else if (latest.get(workspaceId) === mine) put(workspaceId, ordered(tabs));
  }

  /** Shows `after` now, and what was before again when `call` fails. */
  async function change(
    workspaceId: string,
    after: (tabs: readonly TabEntry[]) => TabEntry[],
    call: () => Promise<unknown>,
  ): Promise<void> {
    const before = [...(byWorkspace[workspaceId] ?? [])];
    put(workspaceId, after(before));
    changing.set(workspaceId, (changing.get(workspaceId) ?? 0) + 1);
    let failed = false;
    try {
      await call();
    } catch (error) {
      failed = true;
      put(workspaceId, before);
      throw error;
    } finally {
      const left = (changing.get(workspaceId) ?? 1) - 1;
      changing.set(workspaceId, left);
      if (left === 0 && (stale.delete(workspaceId) || failed))
        void load(workspaceId).catch(() => {});
    }
  }

  const stopListening = hub.onChanged((news) => {
    if (news.workspaceIds.length === 0 && !news.workspaces) return;
    // Told in general (after a reconnect): everything that is shown may be old.
    const ids = news.workspaceIds.length > 0 ? news.workspaceIds : Object.keys(byWorkspace);
    for (const id of ids) {
      if (byWorkspace[id]) void load(id).catch(() => {});
    }
  });
  onCleanup(stopListening);

  return {
    load,
    of: (workspaceId) => byWorkspace[workspaceId],
    find: (tabId) =>
      Object.values(byWorkspace)
        .flatMap((tabs) => tabs ?? [])
        .find((tab) => tab.id === tabId),
    add(tab, index) {
      return change(
        tab.workspaceId,
        (tabs) => insert(tabs, tab, index),
        () => {
          const afterTabId = byWorkspace[tab.workspaceId]?.[index - 1]?.id ?? "";
          return hub.workspaces
            .createTab({
              tabId: tab.id,
              workspaceId: tab.workspaceId,
              workerId: tab.workerId,
              kind: TabKind.TERMINAL,
              afterTabId,
            })
            .then(() =>
              // CreateTab reads "no tab before it" as "last".
              index === 0 && (byWorkspace[tab.workspaceId]?.length ?? 0) > 1
                ? hub.workspaces.moveTab({ tabId: tab.id, afterTabId: "" })
                : undefined,
            );
        },
      );
    },
    move(tab, index) {
      return change(
        tab.workspaceId,
        (tabs) => insert(without(tabs, tab.id), tab, index),
        () => {
          const tabs = byWorkspace[tab.workspaceId] ?? [];
          const at = tabs.findIndex((other) => other.id === tab.id);
          return hub.workspaces.moveTab({ tabId: tab.id, afterTabId: tabs[at - 1]?.id ?? "" });
        },
      );
    },
    remove(tab) {
      return change(
        tab.workspaceId,
        (tabs) => without(tabs, tab.id),
        () => hub.workspaces.deleteTab({ tabId: tab.id }),
      );
    },
    forget(workspaceId) {
      setByWorkspace(workspaceId, undefined);
    },
  };
}

function ordered(tabs: readonly Tab[]): TabEntry[] {
  return tabs
    .toSorted((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0))
    .map(({ tabId: id, workspaceId, workerId }) => ({ id, workspaceId, workerId }));
}

function insert(tabs: readonly TabEntry[], tab: TabEntry, index: number): TabEntry[] {
  return tabs.toSpliced(Math.max(0, Math.min(index, tabs.length)), 0, tab);
}

function without(tabs: readonly TabEntry[], id: string): TabEntry[] {
  return tabs.filter((tab) => tab.id !== id);
}
