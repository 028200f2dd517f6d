import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { createStore, unwrap } from "solid-js/store";
import type { Dialogs } from "../app/dialogs.ts";
import type { Place } from "../app/place.ts";
import { encodeId } from "../link/encode-id.ts";
import type { WorkerConnections } from "../link/worker-connections.ts";
import type { Toasts } from "../ui/toast.tsx";
import type { WorkerList } from "../workers/worker-list.ts";
import { describeFailure } from "./describe-failure.ts";
import type { LiveTerminals } from "./live-terminals.ts";
import { lookWhatRuns, type WhatRuns } from "./look-what-runs.ts";
import type { PendingCloses } from "./pending-closes.ts";
import type { TabEntry, TabList } from "./tab-list.ts";
import { titleOf } from "./title-of.ts";
import type { WorkspaceList } from "./workspace-list.ts";

/**
 * Everything that a user does to workspaces and tabs, whichever button, key or menu asked for it.
 * Shown at once; what the hub or the worker refuses is put back, with a notice that says what to do.
 */
export interface NewTerminal {
  readonly workerId?: string;
  readonly shell?: string;
  readonly directory?: string;
  /** Starts in the directory of this terminal, when it is on the same worker. */
  readonly likeTabId?: string;
  readonly title?: string;
  readonly index?: number;
  readonly workspaceId?: string;
}

/** Where the shell of a new tab stands until its view takes over. */
export type Opening =
  | { readonly kind: "opening"; readonly what: NewTerminal }
  | { readonly kind: "failed"; readonly what: NewTerminal; readonly reason: string };

export interface Commands {
  newTerminal(what?: NewTerminal): void;
  /** Spawns the shell of a tab whose terminal is gone or did not start. */
  openAgain(tab: TabEntry): void;
  opening(tabId: string): Opening | undefined;
  /** Asks first when something runs, or may. */
  closeTab(tabId: string): Promise<void>;
  closeTabNow(tabId: string): void;
  /** What ending this terminal would end. */
  whatRuns(terminalId: string): Promise<WhatRuns>;
  /** A tab, here, for a terminal that has none. */
  adoptTerminal(terminalId: string): void;
  endTabless(terminalId: string): void;
  canReopen(): boolean;
  reopenTab(): void;
  renameTab(tabId: string, title: string): void;
  moveTab(tabId: string, index: number): void;
  newWorkspace(): Promise<void>;
  renameWorkspace(workspaceId: string, title: string): void;
  deleteWorkspace(workspaceId: string): void;
}

export interface CommandParts {
  workspaces: WorkspaceList;
  tabs: TabList;
  live: LiveTerminals;
  workers: WorkerList;
  connections: WorkerConnections;
  closes: PendingCloses;
  toasts: Toasts;
  dialogs: Dialogs;
  place(): Place;
  go(place: Place, how?: { replace: boolean }): void;
  /** A new workspace shows its name for editing, where names are to be seen. */
  editWorkspace(workspaceId: string): void;
}

const startCols = 80;
const startRows = 25;
const checkTimeoutMs = 400;
const mostReopenable = 20;

export function createCommands(parts: CommandParts): Commands {
  const { workspaces, tabs, live, workers, connections, closes, toasts, place, go } = parts;
  const [openings, setOpenings] = createStore<Record<string, Opening | undefined>>({});
  const [closed, setClosed] = createStore<{ last: NewTerminal[] }>({ last: [] });

  const terminalsOf = (workerId: string) => connections.of(workerId).client(TerminalService);
  const tabsHere = () => tabs.of(place().workspaceId ?? "") ?? [];
  const fail = (text: string, error: unknown) =>
    toasts.show({ text: `${text} ${describeFailure(error)}`, tone: "danger" });

  function chooseWorker(): string | undefined {
    const here = tabs.find(place().tabId ?? "")?.workerId;
    if (here && workers.find(here)?.online) return here;
    return workers.all.find((worker) => worker.online)?.id;
  }

  async function spawn(tab: TabEntry, what: NewTerminal): Promise<void> {
    setOpenings(tab.id, { kind: "opening", what });
    live.watch(tab.workerId);
    const isLikeHere = tabs.find(what.likeTabId ?? "")?.workerId === tab.workerId;
    const beside = live.get(place().tabId ?? "") ?? live.inWorkspace(tab.workspaceId)[0];
    try {
      const { terminal } = await terminalsOf(tab.workerId).openTerminal({
        terminalId: tab.id,
        workspaceId: tab.workspaceId,
        shell: what.shell ?? "",
        directory: what.directory ?? "",
        likeTerminalId: isLikeHere ? (what.likeTabId ?? "") : "",
        title: what.title ?? "",
        cols: beside?.cols || startCols,
        rows: beside?.rows || startRows,
      });
      if (terminal) live.put(tab.workerId, terminal);
      setOpenings(tab.id, undefined);
    } catch (error) {
      setOpenings(tab.id, { kind: "failed", what, reason: describeFailure(error) });
    }
  }

  /** The tab beside the one that goes away. */
  function leave(tab: TabEntry): void {
    if (place().tabId !== tab.id) return;
    const all = tabs.of(tab.workspaceId) ?? [];
    const index = all.findIndex((other) => other.id === tab.id);
    const next = all[index + 1] ?? all[index - 1];
    go({ workspaceId: tab.workspaceId, ...(next ? { tabId: next.id } : {}) }, { replace: true });
  }

  function drop(tab: TabEntry): Promise<void> {
    leave(tab);
    setOpenings(tab.id, undefined);
    return tabs.remove(tab);
  }

  function whatRuns(workerId: string, terminalId: string): Promise<WhatRuns> {
    return lookWhatRuns({
      terminal: live.get(terminalId),
      // Of a shell that did not start yet nothing can run either.
      isComplete: live.complete(workerId) || openings[terminalId] !== undefined,
      isOnline: workers.find(workerId)?.online ?? false,
      ask: async () => {
        const asked = terminalsOf(workerId).getTerminal(
          { terminalId },
          { timeoutMs: checkTimeoutMs },
        );
        return (await asked).terminal?.foregroundCommand ?? "";
      },
    });
  }

  const commands: Commands = {
    newTerminal(what = {}) {
      const workspaceId = what.workspaceId ?? place().workspaceId;
      const workerId = what.workerId ?? chooseWorker();
      if (!workspaceId) return void commands.newWorkspace();
      if (!workerId) {
        const text = "No worker is online. Start one, then open the terminal again.";
        return toasts.show({ text, tone: "danger" });
      }
      const tab: TabEntry = {
        id: `tab_${encodeId(crypto.getRandomValues(new Uint8Array(16)))}`,
        workspaceId,
        workerId,
      };
      const added = tabs.add(tab, what.index ?? tabs.of(workspaceId)?.length ?? 0);
      void spawn(tab, what);
      go({ workspaceId, tabId: tab.id });
      added.catch((error: unknown) => {
        closes.close(workerId, tab.id);
        if (place().tabId === tab.id) go({ workspaceId }, { replace: true });
        fail("The tab could not be added.", error);
      });
    },
    openAgain(tab) {
      void spawn(tab, openings[tab.id]?.what ?? {});
    },
    opening: (tabId) => openings[tabId],
    async closeTab(tabId) {
      const tab = tabs.find(tabId);
      if (!tab) return;
      const runs = await whatRuns(tab.workerId, tabId);
      if (runs.kind === "nothing") commands.closeTabNow(tabId);
      else parts.dialogs.open({ kind: "close-tab", tabId, runs });
    },
    closeTabNow(tabId) {
      const tab = tabs.find(tabId);
      if (!tab) return;
      const terminal = live.get(tabId);
      const index = (tabs.of(tab.workspaceId) ?? []).findIndex((other) => other.id === tabId);
      const again: NewTerminal = {
        workspaceId: tab.workspaceId,
        workerId: tab.workerId,
        index,
        shell: terminal?.shell ?? "",
        directory: terminal?.directory ?? "",
        title: terminal?.titleIsManual ? terminal.title : "",
      };
      // At once: whoever closed the wrong one does not wait for the hub to take it back.
      setClosed("last", (last) => [...last, again].slice(-mostReopenable));
      drop(tab).then(
        () => closes.close(tab.workerId, tabId),
        (error: unknown) => {
          setClosed("last", (last) => last.filter((other) => unwrap(other) !== again));
          fail(`“${titleOf(terminal)}” could not be closed.`, error);
        },
      );
    },
    whatRuns: (terminalId) => whatRuns(live.get(terminalId)?.workerId ?? "", terminalId),
    adoptTerminal(terminalId) {
      const terminal = live.get(terminalId);
      const workspaceId = place().workspaceId ?? workspaces.all[0]?.id;
      if (!terminal) return;
      if (!workspaceId) {
        const text = "There is no workspace for it. Make one, then open it as a tab again.";
        return toasts.show({ text, tone: "danger" });
      }
      const { workerId, cols, rows } = terminal;
      const tab: TabEntry = { id: terminalId, workspaceId, workerId };
      const added = tabs.add(tab, tabs.of(workspaceId)?.length ?? 0);
      go({ workspaceId, tabId: terminalId });
      added
        // It is open already: this tells the worker where it belongs now.
        .then(() => terminalsOf(workerId).openTerminal({ terminalId, workspaceId, cols, rows }))
        .catch((error: unknown) => fail(`“${titleOf(terminal)}” could not be opened.`, error));
    },
    endTabless(terminalId) {
      const terminal = live.get(terminalId);
      if (!terminal) return;
      closes.close(terminal.workerId, terminalId);
      live.forget(terminalId);
    },
    canReopen: () => closed.last.length > 0,
    reopenTab() {
      const last = closed.last.at(-1);
      if (!last) return;
      setClosed("last", (all) => all.slice(0, -1));
      const lives = last.workspaceId && workspaces.find(last.workspaceId);
      const { workspaceId: _gone, ...elsewhere } = last;
      commands.newTerminal(lives ? last : elsewhere);
    },
    renameTab(tabId, title) {
      const tab = tabs.find(tabId);
      const before = live.get(tabId);
      if (!tab || !before) return;
      live.setTitle(tabId, title, title !== "");
      terminalsOf(tab.workerId)
        .renameTerminal({ terminalId: tabId, title }, { timeoutMs: 10_000 })
        .then(({ terminal }) => terminal && live.put(tab.workerId, terminal))
        .catch((error: unknown) => {
          live.setTitle(tabId, before.title, before.titleIsManual);
          fail("The tab could not be renamed.", error);
        });
    },
    moveTab(tabId, index) {
      const tab = tabs.find(tabId);
      const all = tabsHere();
      const at = all.findIndex((other) => other.id === tabId);
      const target = Math.max(0, Math.min(index, all.length - 1));
      if (!tab || at < 0 || at === target) return;
      tabs.move({ ...tab }, target).catch((error: unknown) => fail("The tab was put back.", error));
    },
    async newWorkspace() {
      const names = new Set(workspaces.all.map((workspace) => workspace.title));
      let title = names.size === 0 ? "My workspace" : "New workspace";
      for (let n = 2; names.has(title); n += 1) title = `New workspace ${n}`;
      try {
        const { id } = await workspaces.create(title);
        await tabs.load(id);
        if (names.size > 0) parts.editWorkspace(id);
        go({ workspaceId: id });
        if (chooseWorker()) commands.newTerminal({ workspaceId: id });
      } catch (error) {
        fail("The workspace could not be created.", error);
      }
    },
    renameWorkspace(workspaceId, title) {
      if (title === "" || workspaces.find(workspaceId)?.title === title) return;
      workspaces
        .rename(workspaceId, title)
        .catch((error: unknown) => fail("The workspace kept its old name.", error));
    },
    deleteWorkspace(workspaceId) {
      const title = workspaces.find(workspaceId)?.title ?? "";
      const removed = workspaces.remove(workspaceId);
      // They come again with the workspace, should the hub refuse.
      tabs.forget(workspaceId);
      removed.then(
        (gone) => {
          for (const { workerId, tabId } of gone) closes.close(workerId, tabId);
        },
        (error: unknown) => fail(`“${title}” could not be deleted.`, error),
      );
      if (place().workspaceId === workspaceId) go({}, { replace: true });
    },
  };
  return commands;
}
