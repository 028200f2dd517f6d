import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { type GetSystemInfoResponse, HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";
import { createEffect, createSignal, onCleanup } from "solid-js";
import type { PreferenceStore } from "../account/preferences.ts";
import { createHubClient, type HubClient } from "../link/hub-client.ts";
import { createWorkerConnections, type WorkerConnections } from "../link/worker-connections.ts";
import type { TerminalApi } from "../terminal/terminal-api.ts";
import { createToasts, type Toasts } from "../ui/toast.tsx";
import { createDeviceLoader, type DeviceLoader } from "../workers/device-loader.ts";
import { createWorkerList, type WorkerList } from "../workers/worker-list.ts";
import { type Commands, createCommands } from "../workspace/commands.ts";
import { createLiveTerminals, type LiveTerminals } from "../workspace/live-terminals.ts";
import { makePendingCloses, type PendingCloses } from "../workspace/pending-closes.ts";
import { createTabList, type TabList } from "../workspace/tab-list.ts";
import { createWorkspaceList, type WorkspaceList } from "../workspace/workspace-list.ts";
import { createDialogs, type Dialogs } from "./dialogs.ts";
import type { Entry } from "./entry.ts";
import { createLayout, type Layout } from "./layout.ts";
import { createPlace, type Place } from "./place.ts";

export interface GoOptions {
  readonly replace?: boolean;
  readonly focus?: "stay";
}

/** Everything that lives as long as the page, made once, here and nowhere else. */
export interface AppContext {
  readonly hub: HubClient;
  readonly connections: WorkerConnections;
  readonly preferences: PreferenceStore;
  readonly toasts: Toasts;
  readonly dialogs: Dialogs;
  readonly layout: Layout;
  readonly workers: WorkerList;
  readonly workspaces: WorkspaceList;
  readonly tabs: TabList;
  readonly live: LiveTerminals;
  readonly closes: PendingCloses;
  readonly commands: Commands;
  readonly entry: Entry;
  /** Of a hub with logins; loaded after the first terminal. */
  readonly devices: DeviceLoader;
  /** Undefined until the hub answered. */
  system(): GetSystemInfoResponse | undefined;
  account(): Account | undefined;
  isSolo(): boolean;
  place(): Place;
  /** The terminal there takes the keyboard, unless `focus` says "stay". */
  go(place: Place, how?: GoOptions): void;
  /** Asks the hub for everything that the first screen needs. Throws what the hub said. */
  load(): Promise<void>;
  /** What the terminal in front offers. */
  terminal(): TerminalApi | undefined;
  setTerminal(tabId: string, api: TerminalApi | undefined): void;
}

export function createAppContext(entry: Entry, preferences: PreferenceStore): AppContext {
  const { place, go: goInHistory } = createPlace();
  const hub = createHubClient();
  const connections = createWorkerConnections(hub);
  const [apis, setApis] = createSignal<ReadonlyMap<string, TerminalApi>>(new Map());
  const toasts = createToasts();
  const dialogs = createDialogs();
  const layout = createLayout();
  const go = (to: Place, how: GoOptions = {}) => {
    layout.setTerminalHasKeys(how.focus !== "stay");
    goInHistory(to, how.replace ?? false);
  };
  const workers = createWorkerList(hub);
  const workspaces = createWorkspaceList(hub);
  const tabs = createTabList(hub);
  const live = createLiveTerminals(connections);
  const closes = makePendingCloses(connections, live.forget);
  const commands = createCommands({
    workspaces,
    tabs,
    live,
    workers,
    connections,
    closes,
    toasts,
    dialogs,
    place,
    go,
    editWorkspace(id) {
      if (!layout.isSidebarCollapsed()) layout.edit({ kind: "workspace", id });
    },
  });

  createEffect(() => {
    const now = hub.link();
    if (now.kind === "ended") entry.end(now.reason);
    // Whether a link failed for want of a login, a browser tells no page: only a call does.
    if (now.kind === "waiting") void entry.ask().catch(() => {});
  });
  onCleanup(
    hub.onChanged((change) => {
      if (change.account) void entry.ask().catch(() => {});
    }),
  );
  onCleanup(() => {
    connections.dispose();
    hub.dispose();
  });

  return {
    hub,
    connections,
    preferences,
    toasts,
    dialogs,
    layout,
    workers,
    workspaces,
    tabs,
    live,
    closes,
    commands,
    devices: createDeviceLoader({ hub, connections, workers, system: entry.system }),
    entry,
    system: entry.system,
    account: entry.account,
    isSolo: () => entry.system()?.kind === HubKind.SOLO,
    place,
    go,
    async load() {
      const { workspaceId } = place();
      // The tabs of the address that was opened need not wait for the list of workspaces.
      if (workspaceId) void tabs.load(workspaceId).catch(() => {});
      const info = entry.system() ? undefined : entry.ask();
      await Promise.all([info, workers.refresh(), workspaces.refresh()]);
    },
    terminal: () => apis().get(place().tabId ?? ""),
    setTerminal(tabId, api) {
      setApis((before) => {
        const after = new Map(before);
        if (api) after.set(tabId, api);
        else after.delete(tabId);
        return after;
      });
    },
  };
}
