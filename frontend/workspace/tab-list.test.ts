import { create } from "@bufbuild/protobuf";
import { createRouterTransport, createClient, ConnectError, Code } from "@connectrpc/connect";
import { TabKind, TabSchema, WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { createRoot } from "solid-js";
import { describe, expect, it } from "vitest";
import type { HubClient } from "../link/hub-client.ts";
import type { ControlPlaneChange } from "@leapmux/shared/client/link-state.ts";
import { createTabList, type TabEntry, type TabList } from "./tab-list.ts";

const workspaceId = "wsp_1";
const entry = (id: string): TabEntry => ({ id, workspaceId, workerId: "wkr_1" });

/** A hub that answers from `stored`, and one call at a time when it is told to wait. */
function setUp(start: string[]): {
  tabs: TabList;
  ids(): string[] | undefined;
  stored: string[];
  tell(): void;
  hold(): () => void;
  refuse(): void;
  dispose(): void;
} {
  const stored = [...start];
  let gate = Promise.resolve();
  let refuses = false;
  let changed: ((change: ControlPlaneChange) => void) | undefined;
  const toTab = (tabId: string, index: number) =>
    create(TabSchema, {
      tabId,
      workspaceId,
      workerId: "wkr_1",
      kind: TabKind.TERMINAL,
      position: String.fromCharCode(97 + index),
    });
  async function pass(): Promise<void> {
    await gate;
    if (refuses) throw new ConnectError("no", Code.PermissionDenied);
  }
  function place(tabId: string, afterTabId: string, whenEmpty: number): void {
    const at = stored.indexOf(tabId);
    if (at >= 0) stored.splice(at, 1);
    const index = afterTabId === "" ? whenEmpty : stored.indexOf(afterTabId) + 1;
    stored.splice(index, 0, tabId);
  }
  const transport = createRouterTransport(({ service }) => {
    service(WorkspaceService, {
      listTabs: () => ({ tabs: stored.map(toTab).toReversed() }),
      async createTab({ tabId, afterTabId }) {
        await pass();
        place(tabId, afterTabId, stored.length);
        return {};
      },
      async moveTab({ tabId, afterTabId }) {
        await pass();
        place(tabId, afterTabId, 0);
        return {};
      },
      async deleteTab({ tabId }) {
        await pass();
        stored.splice(stored.indexOf(tabId), 1);
        return {};
      },
    });
  });
  const hub = {
    workspaces: createClient(WorkspaceService, transport),
    onChanged(next: (change: ControlPlaneChange) => void) {
      changed = next;
      return () => {};
    },
  } as unknown as HubClient;
  return createRoot((dispose) => {
    const tabs = createTabList(hub);
    return {
      tabs,
      stored,
      dispose,
      ids: () => tabs.of(workspaceId)?.map((tab) => tab.id),
      tell: () =>
        changed?.({
          workers: false,
          workspaces: false,
          workspaceIds: [workspaceId],
          account: false,
          devices: false,
          registrations: false,
        }),
      hold() {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate = promise;
        return resolve;
      },
      refuse: () => (refuses = true),
    };
  });
}

describe("createTabList", () => {
  it("is undefined until loaded, then in the order of the positions", async () => {
    const { tabs, ids } = setUp(["a", "b", "c"]);
    expect(ids()).toBeUndefined();
    await tabs.load(workspaceId);
    expect(ids()).toEqual(["a", "b", "c"]);
  });

  it("shows a new tab, a move and a removal before the hub answered", async () => {
    const { tabs, ids, hold, stored } = setUp(["a", "b"]);
    await tabs.load(workspaceId);
    const release = hold();
    const added = tabs.add(entry("c"), 2);
    expect(ids()).toEqual(["a", "b", "c"]);
    const moved = tabs.move(entry("c"), 0);
    expect(ids()).toEqual(["c", "a", "b"]);
    const removed = tabs.remove(entry("a"));
    expect(ids()).toEqual(["c", "b"]);
    release();
    await Promise.all([added, moved, removed]);
    expect(stored).toEqual(["c", "b"]);
    expect(ids()).toEqual(["c", "b"]);
  });

  it("puts back what the hub refuses, and says so", async () => {
    const { tabs, ids, refuse } = setUp(["a", "b"]);
    await tabs.load(workspaceId);
    refuse();
    await expect(tabs.remove(entry("a"))).rejects.toThrow(ConnectError);
    expect(ids()).toEqual(["a", "b"]);
  });

  it("a new tab reaches the first place at the hub too", async () => {
    const { tabs, ids, stored } = setUp(["a", "b"]);
    await tabs.load(workspaceId);
    await tabs.add(entry("c"), 0);
    expect(stored).toEqual(["c", "a", "b"]);
    expect(ids()).toEqual(["c", "a", "b"]);
  });

  it("news from the hub waits while a change of ours is on its way", async () => {
    const { tabs, ids, hold, tell, stored } = setUp(["a", "b"]);
    await tabs.load(workspaceId);
    const release = hold();
    const removed = tabs.remove(entry("a"));
    stored.push("z");
    tell();
    await tabs.load(workspaceId);
    expect(ids()).toEqual(["b"]);
    release();
    await removed;
    await expect.poll(ids).toEqual(["b", "z"]);
  });
});
